#pragma once

#include "actors/identity/authentication_mode.hpp"
#include "actors/identity/judge.hpp"
#include "storage/own_tokens.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace tidegate {

/// A client to whom less than this is left is sent away to come again with a
/// new token, while the parent is there to check it (edge-hub spec 3.6).
inline constexpr std::chrono::minutes own_token_margin{5};

/// Whether a token of its own may let in a client that was judged so by what
/// is known of the scope: found but wrong stays wrong (edge-hub spec 3.4).
bool may_show_own_token(authentication_mode mode, const authenticate& client,
                        judgement::kind verdict);

/// What is wrong with the client's token, whoever signed it; valid when the
/// parent may be asked.
judgement judge_own_token(const authenticate& client,
                          std::span<const std::string> hosts, sas_time now);

/// Whether `client` shows the very token that the parent once took. Compares
/// in constant time.
bool is_known_token(const authenticate& client,
                    const std::optional<own_token>& known);

} // namespace tidegate
