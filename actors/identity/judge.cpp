#include "actors/identity/judge.hpp"

#include <array>

namespace tidegate {

namespace {

using kind = judgement::kind;

/// An identity is reached through at most so many edge devices.
constexpr int deepest_nesting = 8;

identity_id last_of_chain(std::string_view chain) {
  return parse_identity_id(chain.substr(chain.rfind(';') + 1));
}

identity_id first_of_chain(std::string_view chain) {
  return parse_identity_id(chain.substr(0, chain.find(';')));
}

/// Whether `edge` stands above `device` in the tree of edge devices.
bool reached_through(const std::string& edge, const std::string& device,
                     const identity_lookup& lookup) {
  auto current = device;
  for (int depth = 0; depth < deepest_nesting; ++depth) {
    if (current == edge)
      return true;
    const auto found = lookup({current, {}});
    if (!found || found->parent.empty())
      return false;
    current = found->parent;
  }
  return false;
}

/// The token against the keys of one identity.
judgement judge_keys(const sas_token& token, const identity_id& signer,
                     const identity_id& key_owner,
                     const identity_lookup& lookup,
                     const std::vector<std::string>& hosts, sas_time now) {
  const auto found = lookup(key_owner);
  if (!found)
    return {kind::unknown, "unknown identity " + to_string(key_owner), {}};
  if (!found->enabled)
    return {kind::wrong, to_string(key_owner) + " is disabled", {}};
  if (found->credential != credential_kind::symmetric_key)
    return {kind::wrong, to_string(key_owner) + " has no key", {}};
  const std::array<std::string, 2> keys{found->primary_key,
                                        found->secondary_key};
  switch (verify(token, signer, hosts, keys, now)) {
  case sas_verdict::valid:
    return {kind::valid, {}, token.expires};
  case sas_verdict::expired:
    return {kind::refused, "the token has expired", {}};
  case sas_verdict::wrong_audience:
    return {kind::refused, "the token is for somebody or some host else", {}};
  case sas_verdict::wrong_signature:
    break;
  }
  return {kind::wrong,
          "the token is not signed with a key of " + to_string(key_owner),
          {}};
}

/// A module may also use its device's key (edge-hub spec 3.4, step 4).
judgement judge_signer(const sas_token& token, const identity_id& signer,
                       const identity_lookup& lookup,
                       const std::vector<std::string>& hosts, sas_time now) {
  auto own = judge_keys(token, signer, signer, lookup, hosts, now);
  if (!signer.is_module() || own.verdict == kind::valid
      || own.verdict == kind::refused)
    return own;
  const identity_id device{signer.device, {}};
  auto by_device = judge_keys(token, signer, device, lookup, hosts, now);
  return by_device.verdict == kind::valid ? by_device : own;
}

/// The identity that is spoken for must itself be there and enabled.
judgement judge_target(const identity_id& target,
                       const identity_lookup& lookup) {
  const auto device = lookup({target.device, {}});
  if (!device)
    return {kind::unknown, "unknown identity " + target.device, {}};
  if (!device->enabled)
    return {kind::wrong, target.device + " is disabled", {}};
  if (target.is_module() && target.module != "$edgeHub"
      && target.module != "$edgeAgent" && !lookup(target))
    return {kind::unknown, "unknown identity " + to_string(target), {}};
  return {kind::valid, {}, {}};
}

/// The edge device that acts for the client, by its token.
judgement judge_actor(const sas_token& token, const std::string& device,
                      const identity_lookup& lookup,
                      const std::vector<std::string>& hosts, sas_time now) {
  const auto edge = lookup({device, {}});
  if (!edge || !edge->edge)
    return {kind::wrong, device + " is not an edge device", {}};
  if (!edge->enabled)
    return {kind::wrong, device + " is disabled", {}};
  return judge_signer(token, {device, "$edgeHub"}, lookup, hosts, now);
}

/// Both ends of an auth chain: who acts, and for whom. That the latter is not
/// there is told only to an edge device that is who it says.
judgement judge_chain(const authenticate& client, const sas_token& token,
                      const identity_lookup& lookup,
                      const std::vector<std::string>& hosts, sas_time now) {
  if (first_of_chain(client.auth_chain) != client.id)
    return {kind::refused,
            "the auth chain does not begin with " + to_string(client.id),
            {}};
  const auto edge = last_of_chain(client.auth_chain).device;
  auto target = judge_target(client.id, lookup);
  if (!reached_through(edge, client.id.device, lookup))
    target = {kind::unknown,
              client.id.device + " is not known to be behind " + edge,
              {}};
  auto actor = judge_actor(token, edge, lookup, hosts, now);
  if (target.verdict == kind::valid)
    return actor;
  if (actor.verdict == kind::valid)
    target.verdict = kind::absent;
  return target;
}

} // namespace

judgement judge(const authenticate& client, const identity_lookup& lookup,
                const std::vector<std::string>& hosts, sas_time now) {
  std::string_view why;
  const auto token = parse_sas_token(client.token, why);
  if (!token)
    return {kind::refused, std::string{why}, {}};
  if (expired(*token, now))
    return {kind::refused, "the token has expired", {}};
  if (client.auth_chain.find(';') != std::string::npos)
    return judge_chain(client, *token, lookup, hosts, now);
  if (auto target = judge_target(client.id, lookup);
      target.verdict != kind::valid)
    return target;
  return judge_signer(*token, client.id, lookup, hosts, now);
}

} // namespace tidegate
