#include "benchmarks/harness/figures/histogram.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

namespace {

using namespace std::chrono_literals;
using tidegate::harness::histogram;

TEST_CASE("an empty histogram answers 0 to everything", "[harness]") {
  const histogram empty;
  CHECK(empty.count() == 0);
  CHECK(empty.percentile(99) == 0ns);
  CHECK(empty.max() == 0ns);
  CHECK(empty.mean() == 0ns);
}

TEST_CASE("small durations are counted exactly", "[harness]") {
  histogram times;
  for (int i = 1; i <= 100; ++i)
    times.record(std::chrono::nanoseconds{i});
  CHECK(times.percentile(50) == 50ns);
  CHECK(times.percentile(99) == 99ns);
  CHECK(times.percentile(100) == 100ns);
  CHECK(times.mean() == 51ns);
}

TEST_CASE("the highest percentile is the exact maximum", "[harness]") {
  histogram times;
  times.record(1ms);
  times.record(1'234'567'891ns);
  CHECK(times.percentile(100) == 1'234'567'891ns);
}

TEST_CASE("a duration below nothing counts as nothing", "[harness]") {
  histogram times;
  times.record(-5ns);
  CHECK(times.count() == 1);
  CHECK(times.max() == 0ns);
}

TEST_CASE("merged histograms answer as one", "[harness]") {
  histogram fast, slow;
  fast.record(10us, 99);
  slow.record(1s);
  fast.merge(slow);
  CHECK(fast.count() == 100);
  CHECK(fast.percentile(99) < 11us);
  CHECK(fast.percentile(99.5) == 1s);
}

TEST_CASE("a percentile is never low and at most 0.8 percent high",
          "[harness]") {
  rc::prop("against the sorted durations", [] {
    const auto values
      = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(
        rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50)));
    const auto percent = *rc::gen::inRange(1, 101);
    histogram times;
    for (const auto value : values)
      times.record(std::chrono::nanoseconds{value});
    auto sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const auto rank
      = (sorted.size() * static_cast<std::size_t>(percent) + 99) / 100;
    const auto exact = sorted[std::max<std::size_t>(rank, 1) - 1];
    const auto found = times.percentile(percent).count();
    RC_ASSERT(found >= exact);
    RC_ASSERT(static_cast<double>(found)
              <= static_cast<double>(exact) * 1.008 + 1);
  });
}

} // namespace
