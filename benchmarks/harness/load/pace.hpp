#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace tidegate::harness {

/// Turns elapsed time into messages that are due, without drift: what one
/// tick misses the next one makes up.
class pace {
public:
  /// `rate` in messages per second; 0 is never due.
  explicit pace(double rate = 0) : rate_(rate) {}

  double rate() const { return rate_; }

  /// How many more are due `elapsed` after the start than were handed out.
  std::uint64_t take_due(std::chrono::nanoseconds elapsed) {
    const auto total = static_cast<std::uint64_t>(
      std::chrono::duration<double>(elapsed).count() * rate_);
    const auto due = total - std::min(total, taken_);
    taken_ += due;
    return due;
  }

  /// How long to sleep between looks: one message apart, but not so short
  /// that waking up is all the work, nor so long that messages come in lumps.
  std::chrono::nanoseconds tick() const {
    using namespace std::chrono_literals;
    if (rate_ <= 0)
      return 10ms;
    return std::clamp<std::chrono::nanoseconds>(
      std::chrono::nanoseconds{static_cast<std::int64_t>(1e9 / rate_)}, 250us,
      10ms);
  }

private:
  double rate_;
  std::uint64_t taken_ = 0;
};

} // namespace tidegate::harness
