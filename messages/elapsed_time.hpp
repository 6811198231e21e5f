#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace tidegate {

/// Counts the time that has passed on a node, whatever is done to its wall
/// clock meanwhile: it never steps, and goes on across restarts as far as a
/// node can know (see `time_mark`). Where it begins means nothing; differences
/// do. Times to live end by it.
struct elapsed_clock {
  using rep = std::int64_t;
  using period = std::milli;
  using duration = std::chrono::milliseconds;
  using time_point = std::chrono::time_point<elapsed_clock>;
  static constexpr bool is_steady = true;
};

using elapsed_time = elapsed_clock::time_point;

/// Of what has no time to live.
inline constexpr elapsed_time never_expires{
  std::chrono::milliseconds{std::numeric_limits<std::int64_t>::max()}};

} // namespace tidegate
