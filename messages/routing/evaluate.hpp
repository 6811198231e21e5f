#pragma once

#include "messages/routing/condition.hpp"
#include "messages/routing/message_view.hpp"
#include "messages/routing/value.hpp"

#include <string_view>

namespace tidegate::routing {

/// The value of a condition for a message (edge-hub spec 4.6). Allocates only
/// where a function makes text and its scratch is new, or text is very large.
truth evaluate(const condition& what, message_view& message);

/// The same for a message that only this condition is asked about.
truth evaluate(const condition& what, const message_head& head,
               std::string_view payload, std::string_view edge_device,
               scratch& memory);

/// Whether the condition is true. The same as comparing `evaluate` with
/// `truth::yes`, but stops as soon as it cannot be.
bool matches(const condition& what, message_view& message);

/// The value of a program that looks at no message.
truth evaluate_constant(const program& code);

} // namespace tidegate::routing
