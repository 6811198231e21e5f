#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>

namespace tidegate {

/// To a route: its target `by` keeps back `more` of the messages that it was
/// given, because it cannot pass them on for now; fewer when that is negative.
/// They do not count as on their way: others may be given in their place.
struct kept_back {
  caf::actor by;
  std::int64_t more = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::kept_back)
