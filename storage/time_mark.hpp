#pragma once

#include "messages/block.hpp"
#include "messages/elapsed_time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// What the clocks of a machine say at one moment.
struct clock_reading {
  wall_time wall;
  /// Since the machine was started, suspended time included.
  std::chrono::milliseconds since_boot{0};
  /// Names this start of the machine; empty when it is not known.
  std::string boot;

  bool operator==(const clock_reading&) const = default;
};

/// The time that a node had counted when its clocks were read: where it goes
/// on counting after a restart.
struct time_mark {
  elapsed_time elapsed;
  clock_reading at;

  bool operator==(const time_mark&) const = default;
};

/// The time that has passed for a node whose last mark was `last`, as far as
/// can be known from clocks that say `now`:
///
/// - while the machine was up, the time since it was started decides, whatever
///   was done to its wall clock;
/// - after it was started again, what the wall clocks differ by, but not less
///   than the time since that start. A clock that is set later, as on a machine
///   without a battery, counts for nothing: the time such a machine was off is
///   not counted. One that was put ahead while it was off is believed.
///
/// Without a mark counting begins at the wall clock's time.
elapsed_time resume(const std::optional<time_mark>& last,
                    const clock_reading& now);

std::string encode_time_mark(const time_mark& mark);
/// Nothing if it is not well formed.
std::optional<time_mark> decode_time_mark(std::string_view text);

} // namespace tidegate
