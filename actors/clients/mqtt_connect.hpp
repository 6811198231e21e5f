#pragma once

#include "messages/iothub/user_name.hpp"
#include "messages/mqtt/packet.hpp"

#include <string>
#include <string_view>

namespace tidegate {

/// What a CONNECT packet says about its sender, before its credentials are
/// verified (edge-hub spec 1.2).
struct connect_claim {
  /// Not `accepted`: the answer, after which the connection is to be closed.
  mqtt::connect_code code = mqtt::connect_code::accepted;
  std::string_view why; ///< for the log, when refused
  user_name who;
  /// The SAS token; empty when its certificate is to be judged instead.
  std::string token;
};

/// Reads the claim. The client id must be the identity of the user name, byte
/// for byte, and there must be a token, or else a certificate on TLS.
connect_claim read_claim(const mqtt::connect& packet, bool has_certificate);

} // namespace tidegate
