#pragma once

#include "messages/identity_id.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// What an MQTT client says about itself in the CONNECT user name (edge-hub
/// spec 1.2): `host/device[/module]/?api-version=...&DeviceClientType=...`.
struct user_name {
  identity_id id;
  std::string client_type; ///< product info; empty when not told
  std::optional<std::string> model_id;
  /// Ids joined by `;`, target first, acting gateway last.
  std::optional<std::string> auth_chain;
};

/// Reads a user name. On failure returns nothing and says in `why` what is
/// wrong.
std::optional<user_name> parse_user_name(std::string_view text,
                                         std::string_view& why);

/// The user name a client of this hub sends: to `host` (the hub's, also when
/// a gateway is between), as `id`.
std::string format_user_name(std::string_view host, const user_name& who,
                             std::string_view api_version);

} // namespace tidegate
