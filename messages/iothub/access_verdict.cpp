#include "messages/iothub/access_verdict.hpp"

#include "messages/iothub/percent.hpp"
#include "messages/message_head.hpp"

#include <algorithm>
#include <array>

namespace tidegate {

namespace {

/// `scheme://host/path/` as host and `/path`.
struct scope {
  std::string host;
  std::string path;
};

scope scope_of(std::string_view decoded) {
  auto text = decoded;
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  while (text.ends_with('/'))
    text.remove_suffix(1);
  const auto slash = std::min(text.find('/'), text.size());
  return {std::string{text.substr(0, slash)}, std::string{text.substr(slash)}};
}

/// The first level of `path`, which it loses, `/` and all.
std::string_view take_level(std::string_view& path) {
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  const auto level = path.substr(0, path.find('/'));
  path.remove_prefix(level.size());
  return level;
}

/// Whether what comes next in a path is the id of a device or a module, which
/// compares with case, as the registry does; all else does without.
bool is_before_id(std::string_view level) {
  return equal_without_case(level, "devices")
         || equal_without_case(level, "twins")
         || equal_without_case(level, "modules");
}

bool begins(std::string_view path, std::string_view with) {
  bool is_id = false;
  while (!with.empty()) {
    const auto wanted = take_level(with);
    const auto level = take_level(path);
    if (is_id ? level != wanted : !equal_without_case(level, wanted))
      return false;
    is_id = !is_id && is_before_id(wanted);
  }
  return true;
}

bool covers_as(const scope& audience, std::string_view path,
               std::span<const std::string> hosts) {
  return std::ranges::any_of(hosts,
                             [&](const std::string& host) {
                               return equal_without_case(host, audience.host);
                             })
         && begins(path, audience.path);
}

/// Clients escape once or twice, with `+` or `%20` for a space.
bool covers(std::string_view resource, std::string_view path,
            std::span<const std::string> hosts) {
  const auto plain = percent_decode(resource);
  const auto form = form_decode(resource);
  return std::ranges::any_of(
    std::array{plain, form, percent_decode(plain), form_decode(form)},
    [&](const std::string& read) {
      return covers_as(scope_of(read), path, hosts);
    });
}

/// Clients of IoT Hub sign with the key, those of Event Hubs with its text.
bool signed_by(const sas_token& token, std::string_view key) {
  return signed_with(token, key) || signed_with_text(token, key);
}

} // namespace

std::string access_path(std::string_view resource) {
  return scope_of(form_decode(resource)).path;
}

access_verdict judge_access(const sas_token& token, const access_wish& wish,
                            const std::vector<access_policy>& policies,
                            std::span<const std::string> hosts, sas_time now) {
  const auto* const policy = find_policy(policies, token.policy);
  if (!policy)
    return access_verdict::no_policy;
  if (expired(token, now))
    return access_verdict::expired;
  if (!covers(token.resource, wish.path, hosts))
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
