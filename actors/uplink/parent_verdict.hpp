#pragma once

#include "messages/delivery.hpp"
#include "messages/ec.hpp"

#include <string_view>

namespace tidegate {

/// What the parent's refusal of a message with `condition` (empty: it gave
/// none) means for the message (edge-hub spec 5.5): a trouble of the parent,
/// of time or of rights passes, so `retry`; what is wrong with the message
/// stays wrong, so `poison`.
delivery_result verdict_of_rejection(std::string_view condition);

/// Whether the parent, refusing a sender's link with `condition`, says that it
/// does not know the sender. Only this makes a sender's messages worthless;
/// any other refusal may be lifted.
bool says_unknown(std::string_view condition);

/// Whether the parent, with `condition`, says that it is no hub just now, as
/// one does that another takes over from (edge-hub spec 6.4).
bool says_failed_over(std::string_view condition);

/// What it means for a question about an identity that the parent closed the
/// link with `condition`.
ec refusal_of(std::string_view condition);

/// What the status of an answer means when it is no success (edge-hub spec
/// 1.11; IoT Hub has more of them).
ec refusal_of(int status);

} // namespace tidegate
