#pragma once

#include "messages/block.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace tidegate {

/// Finds the first event of a log that was stored after a time, by looking at
/// single blocks; halves what is left each time. Asks, and is told.
class event_search {
public:
  /// Events [oldest, next) are there, stored in the order of time.
  event_search(wall_time after, std::uint64_t oldest, std::uint64_t next)
    : after_{after}, low_{oldest}, high_{next} {}

  /// The event whose block is to be looked at; nothing when it is found.
  std::optional<std::uint64_t> probe() const;

  /// The block that holds the probe, or, if that is lost, the next one behind.
  void saw(std::uint64_t first, std::uint64_t end, wall_time enqueued);

  /// There is nothing at the probe or behind it.
  void saw_nothing();

  std::uint64_t found() const { return low_; }

private:
  wall_time after_;
  std::uint64_t low_;
  std::uint64_t high_;
};

} // namespace tidegate
