#include "benchmarks/harness/chaos/crowd.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace tidegate::harness;
using namespace std::chrono_literals;

crowd_drain drain(std::size_t senders, std::chrono::duration<double> took) {
  return {senders, senders * 100, took};
}

TEST_CASE("drains that grow with their messages are good", "[harness]") {
  const std::vector drains{drain(50, 1s), drain(100, 2s), drain(200, 4s)};
  CHECK(judge_drains(drains, 1000).empty());
  CHECK(judge_drains({}, 1000).empty());
}

TEST_CASE("a drain below the floor is a fault", "[harness]") {
  const std::vector drains{drain(50, 6s)};
  const auto faults = judge_drains(drains, 1000);
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0],
             Catch::Contains("50 senders") && Catch::Contains("1000/s"));
}

TEST_CASE("drains that grow with their senders are a fault", "[harness]") {
  const std::vector drains{drain(50, 1s), drain(100, 4s), drain(200, 16s)};
  const auto faults = judge_drains(drains, 1);
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults[0], Catch::Contains("200 senders")
                          && Catch::Contains("4 times as long per message"));
}

TEST_CASE("a busy machine is no growth of a short drain", "[harness]") {
  const std::vector drains{drain(5, 10ms), drain(10, 20ms), drain(20, 400ms)};
  CHECK(judge_drains(drains, 1000).empty());
}

} // namespace
