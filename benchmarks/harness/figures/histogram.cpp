#include "benchmarks/harness/figures/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tidegate::harness {

namespace {

constexpr std::size_t per_octave = 128;
constexpr int octave_bits = 7;
constexpr std::size_t bucket_count = (64 - octave_bits) * per_octave;

/// Values below 256 have a bucket each; from there a bucket spans the values
/// that share their eight leading bits.
std::size_t bucket_of(std::uint64_t value) {
  const auto shift
    = std::max(0, static_cast<int>(std::bit_width(value)) - octave_bits - 1);
  return static_cast<std::size_t>(shift) * per_octave
         + static_cast<std::size_t>(value >> shift);
}

std::uint64_t highest_value(std::size_t bucket) {
  const auto shift = bucket < 2 * per_octave ? 0 : bucket / per_octave - 1;
  const std::uint64_t leading = bucket - shift * per_octave;
  return ((leading + 1) << shift) - 1;
}

} // namespace

histogram::histogram() : buckets_(bucket_count) {}

void histogram::record(duration value, std::uint64_t times) {
  const auto count = std::max<std::int64_t>(0, value.count());
  buckets_[bucket_of(static_cast<std::uint64_t>(count))] += times;
  count_ += times;
  max_ = std::max(max_, count);
  sum_ += static_cast<double>(count) * static_cast<double>(times);
}

void histogram::merge(const histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

histogram::duration histogram::mean() const {
  if (count_ == 0)
    return {};
  return duration{std::llround(sum_ / static_cast<double>(count_))};
}

histogram::duration histogram::percentile(double percent) const {
  if (count_ == 0)
    return {};
  // A rank that is whole but for rounding is meant to be whole.
  const auto rank
    = std::clamp(percent, 0.0, 100.0) * static_cast<double>(count_) / 100.0;
  const auto wanted = std::max<std::uint64_t>(
    1, static_cast<std::uint64_t>(std::ceil(rank - 1e-6)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted)
      return std::min(max(),
                      duration{static_cast<std::int64_t>(highest_value(i))});
  }
  return max();
}

} // namespace tidegate::harness
