#pragma once

#include "messages/identity_id.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace tidegate {

/// The one method that a gateway's own module `$edgeHub` has (edge-hub spec
/// 8): ask the parent about identities again.
inline constexpr std::string_view refresh_method
  = "RefreshDeviceScopeIdentityCache";

/// Identities that one call of it may name.
inline constexpr std::size_t most_refreshed = 1000;

/// The identities that `payload`, `{"deviceIds":["..."]}`, names; nothing when
/// it is something else or names more than `most_refreshed`.
std::optional<std::vector<identity_id>>
parse_refresh_request(std::string_view payload);

} // namespace tidegate
