#include "benchmarks/harness/load/pace.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace std::chrono_literals;
using tidegate::harness::pace;

TEST_CASE("a pace hands out exactly its rate, however late it is asked",
          "[harness]") {
  pace tempo{10'000};
  std::uint64_t taken = 0;
  for (const auto at : {1ms, 2ms, 500ms, 501ms, 999ms, 1000ms})
    taken += tempo.take_due(at);
  CHECK(taken == 10'000);
  CHECK(tempo.take_due(1000ms) == 0);
}

TEST_CASE("a pace never asks to be woken more than 4,000 times a second",
          "[harness]") {
  CHECK(pace{1'000'000}.tick() == 250us);
  CHECK(pace{1000}.tick() == 1ms);
  CHECK(pace{1}.tick() == 10ms);
  CHECK(pace{}.tick() == 10ms);
}

} // namespace
