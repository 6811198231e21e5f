#pragma once

#include <algorithm>
#include <chrono>

namespace tidegate {

/// How often something may be asked: `burst` times at once, and once more for
/// each `gap` that passes. Keeps one moment only, so many of them cost little.
template <class Time>
class ask_budget {
public:
  /// Whether it may be asked at `now`; counts as asked if so.
  bool take(Time now, unsigned burst, std::chrono::seconds gap) {
    if (untouched_at_ - now > burst * gap)
      untouched_at_ = now; // the clock was set back
    const auto from = std::max(untouched_at_, now);
    if (from - now > (burst - 1) * gap)
      return false;
    untouched_at_ = from + gap;
    return true;
  }

  /// Nothing is used up: a new one would be the same.
  bool untouched(Time now) const { return untouched_at_ <= now; }

private:
  Time untouched_at_{};
};

} // namespace tidegate
