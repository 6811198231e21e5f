#include "messages/iothub/policy_document.hpp"

#include "messages/iothub/base64.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace tidegate {

namespace json = boost::json;

namespace {

/// Text at `key`; nothing, with `why` set, when it is something else.
std::string text_at(const json::object& in, std::string_view key,
                    std::string& why) {
  const auto* const value = in.if_contains(key);
  if (!value)
    return {};
  if (const auto* const text = value->if_string())
    return std::string{*text};
  why = std::string{key} + ": must be a text";
  return {};
}

std::string key_at(const json::object& in, std::string_view key,
                   std::string& why) {
  auto text = text_at(in, key, why);
  const auto bytes = base64_decode(text);
  if (!text.empty() && (!bytes || bytes->size() < 16))
    why = std::string{key} + ": must be 16 bytes or more in base64";
  return text;
}

access_rights rights_in(const json::object& in, std::string& why) {
  access_rights rights;
  const auto* const all = in.if_contains("rights");
  if (!all || !all->is_array()) {
    why = "rights: must be a list";
    return rights;
  }
  for (const auto& one : all->get_array()) {
    const auto right = one.is_string()
                         ? parse_right(std::string_view{one.get_string()})
                         : std::nullopt;
    if (right)
      rights.add(*right);
    else
      why = "rights: only RegistryRead, RegistryWrite, ServiceConnect and "
            "DeviceConnect are known";
  }
  if (rights.empty() && why.empty())
    why = "rights: a policy needs at least one";
  return rights;
}

} // namespace

json::object policy_document(const access_policy& policy) {
  json::array rights;
  for (const auto name : right_names(policy.rights))
    rights.emplace_back(name);
  return {{"name", policy.name},
          {"rights", std::move(rights)},
          {"primaryKey", policy.primary_key},
          {"secondaryKey", policy.secondary_key}};
}

std::optional<access_policy> parse_policy_document(const json::object& in,
                                                   std::string& why) {
  why.clear();
  access_policy policy;
  policy.name = text_at(in, "name", why);
  if (why.empty() && !valid_policy_name(policy.name))
    why = "name: must be 1 to 64 letters, digits or -_.";
  policy.rights = rights_in(in, why);
  policy.primary_key = key_at(in, "primaryKey", why);
  policy.secondary_key = key_at(in, "secondaryKey", why);
  if (!why.empty())
    return std::nullopt;
  return policy;
}

} // namespace tidegate
