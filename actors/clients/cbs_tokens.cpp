#include "actors/clients/cbs_tokens.hpp"

namespace tidegate {

namespace {

/// The edge hub that acts for the others in a chain; nothing when the chain
/// names nobody but the client itself (edge-hub spec 12.1).
std::string_view acting_device(std::string_view chain) {
  const auto last = chain.rfind(';');
  return last == std::string_view::npos ? std::string_view{}
                                        : chain.substr(last + 1);
}

} // namespace

cbs_tokens::verdict cbs_tokens::put(std::string_view token, sas_time now,
                                    identity_id& whose, std::string_view& why) {
  if (token.size() > longest_token) {
    why = "the token is too long";
    return verdict::malformed;
  }
  const auto parsed = parse_sas_token(token, why);
  if (!parsed)
    return verdict::malformed;
  const auto audience = parse_sas_audience(parsed->resource);
  if (!audience) {
    why = "the resource names no device";
    return verdict::malformed;
  }
  if (expired(*parsed, now))
    return verdict::expired;
  if (tokens_.size() >= most_ids && !tokens_.contains(audience->id))
    return verdict::too_many;
  whose = audience->id;
  put(whose, std::string{token});
  return verdict::kept;
}

void cbs_tokens::put(const identity_id& id, std::string token) {
  tokens_.insert_or_assign(id, std::move(token));
}

std::string_view cbs_tokens::find(const identity_id& id,
                                  std::string_view auth_chain) const {
  if (const auto device = acting_device(auth_chain); !device.empty()) {
    const auto acting = tokens_.find({std::string{device}, "$edgeHub"});
    if (acting != tokens_.end())
      return acting->second;
  }
  const auto own = tokens_.find(id);
  return own == tokens_.end() ? std::string_view{}
                              : std::string_view{own->second};
}

} // namespace tidegate
