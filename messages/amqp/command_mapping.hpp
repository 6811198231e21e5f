#pragma once

#include "messages/amqp/sections.hpp"
#include "messages/bytes.hpp"
#include "messages/c2d_messages.hpp"

#include <optional>
#include <string>

namespace tidegate::amqp {

/// A message for a device as its hub sent it (edge-hub spec 2.5), `encoded`
/// having been split into `from`. What belongs to the delivery (lock token,
/// count of attempts, sequence number, time) is taken out of the head. Nothing,
/// with the reason in `why`, when it is damaged.
std::optional<c2d_message> read_command(const message_sections& from,
                                        const bytes& encoded, std::string& why);

} // namespace tidegate::amqp
