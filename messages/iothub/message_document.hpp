#pragma once

#include "messages/message_head.hpp"

#include <boost/json/object.hpp>
#include <string_view>

namespace tidegate {

/// A whole message as JSON: `from`, `properties`, `systemProperties`, and
/// `body` (text) or `bodyBase64`. Adds to what `out` holds.
void write_message(boost::json::object& out, const message_head& head,
                   std::string_view payload);

} // namespace tidegate
