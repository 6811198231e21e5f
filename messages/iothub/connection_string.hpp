#pragma once

#include "messages/identity_id.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// `HostName=..;DeviceId=..[;ModuleId=..];SharedAccessKey=..
/// [;GatewayHostName=..]`: everything a client needs to connect.
struct connection_string {
  std::string host; ///< the hub's, named in tokens and user names
  identity_id id;
  std::string key;     ///< base64; empty when a certificate is used
  std::string gateway; ///< where to connect to; empty: to `host`

  bool operator==(const connection_string&) const = default;

  /// The host to open a connection to.
  const std::string& target() const { return gateway.empty() ? host : gateway; }
};

/// Reads a connection string. Names compare without case, unknown ones are
/// ignored. On failure returns nothing and says in `why` what is wrong.
std::optional<connection_string> parse_connection_string(std::string_view text,
                                                         std::string& why);

std::string to_string(const connection_string& value);

} // namespace tidegate
