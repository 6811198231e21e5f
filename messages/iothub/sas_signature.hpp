#pragma once

#include "messages/identity_id.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// HMAC-SHA256 of `data` under `key`; 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view data);

/// The `sr` of a token for `id` at the hub `host`, encoded (edge-hub spec
/// 3.1).
std::string sas_resource(std::string_view host, const identity_id& id);

/// What is signed: `resource`, a line feed, `expiry`.
std::string string_to_sign(std::string_view resource, std::string_view expiry);

/// The token's text; `signature` is base64, as a signer returns it.
std::string format_sas_token(std::string_view resource,
                             std::string_view signature,
                             std::string_view expiry);

/// A token with which `id` shows itself to `host` until `expires`, signed with
/// `key` (base64). Nothing when the key is not base64.
std::optional<std::string> mint_sas_token(std::string_view host,
                                          const identity_id& id,
                                          std::string_view key,
                                          std::chrono::sys_seconds expires);

} // namespace tidegate
