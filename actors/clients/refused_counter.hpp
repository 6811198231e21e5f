#pragma once

#include "actors/metrics.hpp"
#include "messages/identity_id.hpp"

#include <string>
#include <string_view>

namespace tidegate {

/// Counts a message of `sender` that is not taken, for `reason`.
inline void count_refused(metrics& meters, const identity_id& sender,
                          std::string_view reason) {
  meters
    .counter("tidegate_messages_refused_total",
             "Messages from clients that were not taken.",
             {{"id", to_string(sender)}, {"reason", std::string{reason}}})
    .Increment();
}

} // namespace tidegate
