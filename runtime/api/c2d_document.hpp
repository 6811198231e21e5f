#pragma once

#include "messages/c2d_messages.hpp"
#include "storage/c2d_record.hpp"

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// Reads what an operator wants sent to a device: `{"body":text}` or
/// `{"bodyBase64":..}`, and perhaps `properties` (texts or null), `messageId`,
/// `expiresInSeconds` (from `now`) and `ack` (`none`, `positive`, `negative`
/// or `full`). Without a target. On failure returns nothing and says in `why`
/// what is wrong.
std::optional<send_c2d> parse_c2d_document(std::string_view text, wall_time now,
                                           std::string& why);

/// A message that waits, as an operator reads it.
boost::json::object c2d_document(const c2d_record& message, bool under_way);

} // namespace tidegate
