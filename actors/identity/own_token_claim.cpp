#include "actors/identity/own_token_claim.hpp"

#include <openssl/crypto.h>

namespace tidegate {

using kind = judgement::kind;

bool may_show_own_token(authentication_mode mode, const authenticate& client,
                        judgement::kind verdict) {
  if (client.token.empty() || client.auth_chain.find(';') != std::string::npos)
    return false;
  return mode == authentication_mode::cloud
         || (mode == authentication_mode::cloud_and_scope
             && verdict == kind::unknown);
}

judgement judge_own_token(const authenticate& client,
                          std::span<const std::string> hosts, sas_time now) {
  std::string_view why;
  const auto token = parse_sas_token(client.token, why);
  if (!token)
    return {kind::refused, std::string{why}, {}};
  if (expired(*token, now))
    return {kind::refused, "the token has expired", {}};
  const auto audience = parse_sas_audience(token->resource);
  if (!audience || !covers(*audience, client.id, hosts))
    return {kind::refused, "the token is for somebody or some host else", {}};
  return {kind::valid, {}, token->expires};
}

bool is_known_token(const authenticate& client,
                    const std::optional<own_token>& known) {
  return known && !known->text.empty()
         && known->text.size() == client.token.size()
         && CRYPTO_memcmp(known->text.data(), client.token.data(),
                          known->text.size())
              == 0;
}

} // namespace tidegate
