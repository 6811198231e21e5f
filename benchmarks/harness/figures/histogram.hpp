#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidegate::harness {

/// Counts durations in buckets that get wider with the value: 128 per power
/// of two, so every answer is at most 0.8 % too high. Recording is one
/// increment; the memory is fixed, about 60 KB.
class histogram {
public:
  using duration = std::chrono::nanoseconds;

  histogram();

  /// Counts `value` as seen `times` times. Less than nothing counts as 0.
  void record(duration value, std::uint64_t times = 1);
  void merge(const histogram& other);

  std::uint64_t count() const { return count_; }
  /// Exact; 0 when nothing was recorded.
  duration max() const { return duration{max_}; }
  duration mean() const;

  /// The smallest duration that at least `percent` of a hundred of the
  /// recorded ones do not exceed; 0 when nothing was recorded.
  duration percentile(double percent) const;

private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

} // namespace tidegate::harness
