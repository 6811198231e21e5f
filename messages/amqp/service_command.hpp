#pragma once

#include "messages/bytes.hpp"
#include "messages/c2d_messages.hpp"

#include <optional>
#include <string>

namespace tidegate::amqp {

/// Reads a cloud-to-device message as a service sends it: the property `to` is
/// `/devices/{id}/messages/devicebound`, `absolute-expiry-time` and the
/// application property `iothub-ack` say how long it counts and what its
/// sender wants to hear. The payload shares the owner of `encoded`. On failure
/// returns nothing and says in `why` what is wrong.
std::optional<send_c2d> read_service_command(const bytes& encoded,
                                             std::string& why);

} // namespace tidegate::amqp
