#include "benchmarks/harness/chaos/ledger.hpp"

#include <catch2/catch.hpp>

namespace {

using tidegate::harness::read_ledger;

constexpr auto lane
  = R"({"accepted":10,"delivered":4,"pending":2,"expired":1,"evicted":1,)"
    R"("rejected":1,"damaged":1})";

std::string printed(const char* balanced) {
  return std::string{R"({"balanced":)"} + balanced + R"(,"lanes":[)" + lane
         + "," + lane + "]}";
}

TEST_CASE("the ledger of a node is the sum of its lanes", "[harness]") {
  const auto sums = read_ledger(printed("true"));
  REQUIRE(sums);
  CHECK(sums->accepted == 20);
  CHECK(sums->delivered == 8);
  CHECK(sums->pending == 4);
  CHECK(sums->dropped == 8);
}

TEST_CASE("a ledger that does not balance, or is none, is no ledger",
          "[harness]") {
  CHECK_FALSE(read_ledger(printed("false")));
  CHECK_FALSE(read_ledger(""));
  CHECK_FALSE(read_ledger("[]"));
  CHECK_FALSE(read_ledger(R"({"balanced":true,"lanes":[{}]})"));
}

} // namespace
