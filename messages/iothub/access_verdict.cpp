#include "messages/iothub/access_verdict.hpp"

#include "messages/iothub/percent.hpp"
#include "messages/message_head.hpp"

#include <algorithm>

namespace tidegate {

namespace {

/// `scheme://host/path/` as host and `/path`.
struct scope {
  std::string host;
  std::string path;
};

scope scope_of(std::string_view resource) {
  const auto decoded = form_decode(resource);
  std::string_view text = decoded;
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  while (text.ends_with('/'))
    text.remove_suffix(1);
  const auto slash = std::min(text.find('/'), text.size());
  return {std::string{text.substr(0, slash)}, std::string{text.substr(slash)}};
}

bool begins(std::string_view path, std::string_view with) {
  return path.size() >= with.size()
         && equal_without_case(path.substr(0, with.size()), with)
         && (path.size() == with.size() || with.empty()
             || path[with.size()] == '/');
}

bool covers(const scope& audience, std::string_view path,
            std::span<const std::string> hosts) {
  return std::ranges::any_of(hosts,
                             [&](const std::string& host) {
                               return equal_without_case(host, audience.host);
                             })
         && begins(path, audience.path);
}

/// Clients of IoT Hub sign with the key, those of Event Hubs with its text.
bool signed_by(const sas_token& token, std::string_view key) {
  return signed_with(token, key) || signed_with_text(token, key);
}

} // namespace

std::string access_path(std::string_view resource) {
  return scope_of(resource).path;
}

access_verdict judge_access(const sas_token& token, const access_wish& wish,
                            const std::vector<access_policy>& policies,
                            std::span<const std::string> hosts, sas_time now) {
  const auto* const policy = find_policy(policies, token.policy);
  if (!policy)
    return access_verdict::no_policy;
  if (expired(token, now))
    return access_verdict::expired;
  if (!covers(scope_of(token.resource), wish.path, hosts))
    return access_verdict::wrong_audience;
  if (!signed_by(token, policy->primary_key)
      && !signed_by(token, policy->secondary_key))
    return access_verdict::wrong_signature;
  return policy->rights.has_all(wish.rights) ? access_verdict::granted
                                             : access_verdict::no_right;
}

std::string_view to_string(access_verdict verdict) {
  switch (verdict) {
  case access_verdict::granted:
    return "granted";
  case access_verdict::no_policy:
    return "there is no such shared access policy";
  case access_verdict::expired:
    return "the token has expired";
  case access_verdict::wrong_audience:
    return "the token is for something else";
  case access_verdict::wrong_signature:
    return "the token is not signed with a key of its policy";
  case access_verdict::no_right:
    return "the policy does not allow this";
  }
  return "";
}

} // namespace tidegate
