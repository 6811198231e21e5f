#pragma once

#include "messages/block.hpp"

#include <chrono>

namespace tidegate::routing {

/// When a message that is stored at `now` expires (edge-hub spec 5.6): at once
/// for a time to live of 0, never for a negative one or one that leads past
/// the end of time.
constexpr wall_time expires_at(wall_time now,
                               std::chrono::seconds time_to_live) {
  if (time_to_live.count() < 0)
    return no_expiry;
  // The product cannot overflow where the quotient does not exceed.
  if (time_to_live > std::chrono::floor<std::chrono::seconds>(no_expiry - now))
    return no_expiry;
  return now + time_to_live;
}

} // namespace tidegate::routing
