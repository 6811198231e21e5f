#include "benchmarks/harness/chaos/duplicates.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace tidegate::harness;

TEST_CASE("duplicates are counted by the fault they follow", "[harness]") {
  duplicate_count found{{10, 20, 20}};
  found.add(3); // before any
  for (std::uint64_t position = 10; position < 14; ++position)
    found.add(position);
  found.add(20);
  found.add(1000);
  CHECK(found.all() == 7);
  CHECK(found.most() == 4);
}

TEST_CASE("a run without faults or duplicates has none", "[harness]") {
  CHECK(duplicate_count{{}}.most() == 0);
}

TEST_CASE("more load may lead to more duplicates", "[harness]") {
  CHECK(duplicate_bound(2000, 8, 20, 2) == 20'000 + 2000 + 160 + 200);
  CHECK(duplicate_bound(20'000, 8, 20, 2) > duplicate_bound(2000, 8, 20, 2));
}

} // namespace
