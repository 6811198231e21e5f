#pragma once

#include "messages/identity_id.hpp"
#include "messages/iothub/sas_token.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tidegate {

/// The tokens that came over one connection, by the identity each one names
/// (edge-hub spec 2.3). They are kept, not verified: that is done when a link
/// of the identity opens.
class cbs_tokens {
public:
  /// Longest token that is kept.
  static constexpr std::size_t longest_token = 8192;
  /// Ids one connection may bring tokens for.
  static constexpr std::size_t most_ids = 1000;

  enum class verdict { kept, malformed, expired, too_many };

  /// Keeps `token` for the identity that its own `sr` names, which `whose` is
  /// set to. On `malformed` says in `why` what is wrong.
  verdict put(std::string_view token, sas_time now, identity_id& whose,
              std::string_view& why);

  /// Keeps a token that came in another way, for `id`.
  void put(const identity_id& id, std::string token);

  /// The token to verify for a link of `id`: the one of the edge hub that acts
  /// for it according to `auth_chain` (ids joined by `;`, the acting device
  /// last), if it names one and has shown itself, else its own. Empty when
  /// there is none.
  std::string_view find(const identity_id& id,
                        std::string_view auth_chain) const;

private:
  std::unordered_map<identity_id, std::string> tokens_;
};

} // namespace tidegate
