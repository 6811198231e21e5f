#pragma once

#include "messages/identity_id.hpp"

#include <optional>
#include <string_view>

namespace tidegate::amqp {

/// Reads a SASL PLAIN user (edge-hub spec 2.2): `device@sas.hub` or
/// `device/modules/module@sas.hub`, ids percent-encoded, `sas.` optional.
/// `hub` must be the first label of `hub_host`, in any case. Nothing when it
/// is something else.
std::optional<identity_id> parse_plain_user(std::string_view user,
                                            std::string_view hub_host);

/// Whether the user is a shared access policy: `policy@sas.root.hub`.
bool is_policy_user(std::string_view user, std::string_view hub_host);

} // namespace tidegate::amqp
