#pragma once

#include "messages/message_head.hpp"

#include <cstdint>
#include <string_view>

namespace tidegate {

/// What a client was let in by.
enum class auth_method : std::uint8_t {
  untold,
  device_token, ///< signed with a key of its own, its device's, or of the edge
                ///< device that acts for it
  policy_token, ///< signed with a key of a shared access policy of the hub
  thumbprint,   ///< a certificate that is known by its hash
  authority,    ///< a certificate from an authority that is trusted
};

/// The value of `iothub-connection-auth-method`, as a hub adds it to what
/// devices send; empty when it is not told.
std::string_view auth_method_text(auth_method how);

/// Adds it to a message's system properties, unless it is not told.
void add_auth_method(message_head& to, auth_method how);

} // namespace tidegate
