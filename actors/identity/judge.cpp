#include "actors/identity/judge.hpp"

#include "actors/identity/scope_tree.hpp"
#include "messages/iothub/access_verdict.hpp"
#include "messages/iothub/client_certificate.hpp"
#include "messages/message_head.hpp"

#include <algorithm>
#include <array>

namespace tidegate {

namespace {

using kind = judgement::kind;

identity_id last_of_chain(std::string_view chain) {
  return parse_identity_id(chain.substr(chain.rfind(';') + 1));
}

identity_id first_of_chain(std::string_view chain) {
  return parse_identity_id(chain.substr(0, chain.find(';')));
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
    return {kind::valid, {}, token.expires, auth_method::device_token};
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
  const auto last = last_of_chain(client.auth_chain);
  if (last.is_module() && last.module != "$edgeHub")
    return {kind::refused, "only an edge hub may act for others", {}};
  const auto& edge = last.device;
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

bool is_thumbprint_of(const client_certificate& shown,
                      const std::string& known) {
  return equal_without_case(known, shown.sha1)
         || equal_without_case(known, shown.sha256);
}

/// The certificate against what its identity asks for (edge-hub spec 3.5).
judgement judge_certificate(const authenticate& client, const identity& known,
                            const judge_rules& rules, sas_time now) {
  const auto shown = read_client_certificate(client.certificate);
  if (!shown)
    return {kind::refused, "the certificate cannot be read", {}};
  if (now < shown->begins || now > shown->ends)
    return {kind::refused, "the certificate is not valid at this time", {}};
  if (shown->is_of_module)
    return {kind::refused, "the certificate is one of a module", {}};
  switch (known.credential) {
  case credential_kind::thumbprint:
    if (is_thumbprint_of(*shown, known.primary_thumbprint)
        || is_thumbprint_of(*shown, known.secondary_thumbprint))
      return {kind::valid, {}, shown->ends, auth_method::thumbprint};
    return {kind::wrong,
            "the certificate has another thumbprint than that of "
              + to_string(known.id),
            {}};
  case credential_kind::authority: {
    if (shown->common_name != known.id.device)
      return {kind::refused, "the certificate has another common name", {}};
    if (shown->is_authority)
      return {kind::refused, "the certificate is one of an authority", {}};
    auto fault = chain_fault(client.certificate, rules.trust_bundle, now);
    if (!fault.empty())
      return {kind::refused, "the certificate's chain: " + fault, {}};
    return {kind::valid, {}, shown->ends, auth_method::authority};
  }
  default:
    return {kind::wrong, to_string(known.id) + " has no certificate", {}};
  }
}

judgement judge_shown(const authenticate& client, const identity_lookup& lookup,
                      const judge_rules& rules, sas_time now) {
  if (client.id.is_module())
    return {kind::refused, "a module cannot use a certificate", {}};
  if (client.auth_chain.find(';') != std::string::npos)
    return {kind::refused, "who acts for others needs a token", {}};
  const auto found = lookup(client.id);
  if (!found)
    return {kind::unknown, "unknown identity " + client.id.device, {}};
  if (!found->enabled)
    return {kind::wrong, client.id.device + " is disabled", {}};
  return judge_certificate(client, *found, rules, now);
}

/// A token of a policy that may connect as any device or module.
judgement judge_policy(const sas_token& token, const identity_id& id,
                       const std::vector<access_policy>& policies,
                       const std::vector<std::string>& hosts, sas_time now) {
  auto path = "/devices/" + id.device;
  if (id.is_module())
    path += "/modules/" + id.module;
  const auto verdict = judge_access(token, {access_right::device_connect, path},
                                    policies, hosts, now);
  if (verdict == access_verdict::granted)
    return {kind::valid, {}, token.expires, auth_method::policy_token};
  return {kind::refused, std::string{to_string(verdict)}, {}};
}

/// Whether the proxy may pass the client's certificate on (edge-hub spec 3.5).
/// Its token was for the moment when the client came.
judgement judge_proxy(const authenticate& client, const identity_lookup& lookup,
                      const judge_rules& rules, sas_time now) {
  if (rules.proxy.device.empty())
    return {kind::refused, "no proxy may pass certificates on", {}};
  std::string_view why;
  const auto token = parse_sas_token(client.vouched.token, why);
  if (!token)
    return {kind::refused, "the proxy's token: " + std::string{why}, {}};
  if (auto there = judge_target(rules.proxy, lookup);
      there.verdict != kind::valid)
    return there;
  return judge_signer(*token, rules.proxy, lookup, rules.hosts,
                      client.again ? std::min(now, token->expires) : now);
}

/// By a certificate: one that a proxy vouches for, or that was shown on TLS.
judgement judge_certificates(const authenticate& client,
                             const identity_lookup& lookup,
                             const judge_rules& rules, sas_time now) {
  if (client.vouched.pem.empty())
    return judge_shown(client, lookup, rules, now);
  const auto proxy = judge_proxy(client, lookup, rules, now);
  if (proxy.verdict == kind::valid) {
    auto shown = client;
    shown.certificate = client.vouched.pem;
    return judge_shown(shown, lookup, rules, now);
  }
  if (client.certificate.empty())
    return {kind::refused, "a certificate is passed on: " + proxy.reason, {}};
  return judge_shown(client, lookup, rules, now);
}

} // namespace

judgement judge(const authenticate& client, const identity_lookup& lookup,
                const judge_rules& rules, sas_time now) {
  if (client.token.empty()
      && !(client.certificate.empty() && client.vouched.pem.empty()))
    return judge_certificates(client, lookup, rules, now);
  std::string_view why;
  const auto token = parse_sas_token(client.token, why);
  if (!token)
    return {kind::refused, std::string{why}, {}};
  if (expired(*token, now))
    return {kind::refused, "the token has expired", {}};
  if (client.auth_chain.find(';') != std::string::npos)
    return judge_chain(client, *token, lookup, rules.hosts, now);
  if (auto target = judge_target(client.id, lookup);
      target.verdict != kind::valid)
    return target;
  auto own = judge_signer(*token, client.id, lookup, rules.hosts, now);
  if (own.verdict == kind::valid || !rules.policies)
    return own; // with its own key, whatever policy the token names
  auto by_policy
    = judge_policy(*token, client.id, *rules.policies, rules.hosts, now);
  return by_policy.verdict == kind::valid ? by_policy : own;
}

} // namespace tidegate
