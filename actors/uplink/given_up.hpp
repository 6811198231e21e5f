#pragma once

#include "actors/metrics.hpp"
#include "actors/uplink/poison_watch.hpp"

#include <string_view>

namespace tidegate {

/// A message never goes up, for `reason`: counts it and says in the log which
/// it was.
void tell_given_up(metrics& meters, const message_copy& what,
                   std::string_view reason);

} // namespace tidegate
