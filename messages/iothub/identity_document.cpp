#include "messages/iothub/identity_document.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace tidegate {

namespace json = boost::json;

namespace {

constexpr std::string_view scope_scheme = "ms-azure-iot-edge://";

/// Text at `key`; empty when missing or null. Sets `why` when it is something
/// else.
std::string text_at(const json::object& in, std::string_view key,
                    std::string& why) {
  const auto* value = in.if_contains(key);
  if (!value || value->is_null())
    return {};
  if (const auto* text = value->if_string())
    return std::string{*text};
  why = std::string{key} + ": must be a text";
  return {};
}

const json::object* object_at(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  return value ? value->if_object() : nullptr;
}

/// The edge device named by a scope. The generation behind the last `-` is
/// 18 digits at most and never part of an id we write.
std::string edge_of_scope(std::string_view scope) {
  if (!scope.starts_with(scope_scheme))
    return {};
  scope.remove_prefix(scope_scheme.size());
  const auto dash = scope.rfind('-');
  return std::string{scope.substr(0, dash)};
}

constexpr struct {
  std::string_view name;
  credential_kind kind;
} credential_names[]{
  // The first of a kind is the one that is written.
  {"sas", credential_kind::symmetric_key},
  {"symmetricKey", credential_kind::symmetric_key},
  {"selfSigned", credential_kind::thumbprint},
  {"certificateThumbprint", credential_kind::thumbprint},
  {"certificateAuthority", credential_kind::authority},
  {"none", credential_kind::none},
};

std::string_view name_of(credential_kind kind) {
  return std::find_if(std::begin(credential_names), std::end(credential_names),
                      [kind](const auto& one) { return one.kind == kind; })
    ->name;
}

/// Two texts of the object at `key`, which both may be missing.
void read_pair(const json::object& in, std::string_view key,
               std::string_view first_key, std::string& first,
               std::string_view second_key, std::string& second,
               std::string& why) {
  const auto* pair = object_at(in, key);
  if (!pair)
    return;
  first = text_at(*pair, first_key, why);
  second = text_at(*pair, second_key, why);
}

bool is_thumbprint(std::string_view text) {
  return (text.size() == 40 || text.size() == 64)
         && std::all_of(text.begin(), text.end(), [](char c) {
              return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
                     || (c >= 'A' && c <= 'F');
            });
}

void check_thumbprint(const std::string& text, std::string& why) {
  if (!text.empty() && !is_thumbprint(text))
    why = "authentication.x509Thumbprint: must be the SHA-1 or SHA-256 of a "
          "certificate, 40 or 64 hex digits";
}

void read_authentication(const json::object& in, identity& value,
                         std::string& why) {
  const auto type = text_at(in, "type", why);
  const auto* const known
    = std::find_if(std::begin(credential_names), std::end(credential_names),
                   [&](const auto& one) { return one.name == type; });
  if (known != std::end(credential_names))
    value.credential = known->kind;
  else if (!type.empty())
    why = "authentication.type: `" + type
          + "` is not supported; use `sas`, `selfSigned`, "
            "`certificateAuthority` or `none`";
  read_pair(in, "symmetricKey", "primaryKey", value.primary_key, "secondaryKey",
            value.secondary_key, why);
  read_pair(in, "x509Thumbprint", "primaryThumbprint", value.primary_thumbprint,
            "secondaryThumbprint", value.secondary_thumbprint, why);
  check_thumbprint(value.primary_thumbprint, why);
  check_thumbprint(value.secondary_thumbprint, why);
}

json::value text_or_null(bool wanted, const std::string& text) {
  return wanted ? json::value(text) : json::value();
}

json::object authentication_document(const identity& value) {
  const auto keyed = value.credential == credential_kind::symmetric_key;
  const auto hashed = value.credential == credential_kind::thumbprint;
  const auto hash = [hashed](const std::string& text) {
    return text_or_null(hashed && !text.empty(), text);
  };
  return {{"type", name_of(value.credential)},
          {"symmetricKey",
           {{"primaryKey", text_or_null(keyed, value.primary_key)},
            {"secondaryKey", text_or_null(keyed, value.secondary_key)}}},
          {"x509Thumbprint",
           {{"primaryThumbprint", hash(value.primary_thumbprint)},
            {"secondaryThumbprint", hash(value.secondary_thumbprint)}}}};
}

} // namespace

std::string device_scope(const std::string& edge_device,
                         const std::string& generation) {
  return std::string{scope_scheme} + edge_device + '-' + generation;
}

json::object identity_document(const identity& value) {
  json::object out;
  out["deviceId"] = value.id.device;
  if (value.id.is_module()) {
    out["moduleId"] = value.id.module;
    out["managedBy"] = value.managed_by;
  }
  out["generationId"] = value.generation;
  out["etag"] = value.etag;
  out["authentication"] = authentication_document(value);
  if (!value.id.is_module()) {
    out["status"] = value.enabled ? "enabled" : "disabled";
    out["capabilities"] = {{"iotEdge", value.edge}};
    json::array parents;
    if (!value.parent.empty())
      parents.emplace_back(device_scope(value.parent, "0"));
    if (value.edge)
      out["deviceScope"] = device_scope(value.id.device, value.generation);
    else if (!value.parent.empty())
      out["deviceScope"] = device_scope(value.parent, "0");
    out["parentScopes"] = std::move(parents);
  }
  return out;
}

std::optional<identity> parse_identity_document(const json::object& in,
                                                std::string& why) {
  why.clear();
  identity value;
  value.id = {text_at(in, "deviceId", why), text_at(in, "moduleId", why)};
  if (why.empty() && !valid_id(value.id.device))
    why = "deviceId: must be 1 to 128 letters, digits or -:.+%_#*?!(),=@$'";
  if (why.empty() && value.id.is_module() && !valid_id(value.id.module))
    why = "moduleId: must be 1 to 128 letters, digits or -:.+%_#*?!(),=@$'";
  value.managed_by = text_at(in, "managedBy", why);
  value.generation = text_at(in, "generationId", why);
  value.etag = text_at(in, "etag", why);
  if (const auto* authentication = object_at(in, "authentication"))
    read_authentication(*authentication, value, why);
  const auto status = text_at(in, "status", why);
  if (!status.empty() && status != "enabled" && status != "disabled")
    why = "status: must be `enabled` or `disabled`";
  value.enabled = status != "disabled";
  if (const auto* capabilities = object_at(in, "capabilities")) {
    const auto* edge = capabilities->if_contains("iotEdge");
    value.edge = edge && edge->is_bool() && edge->get_bool();
  }
  if (const auto* parents = in.if_contains("parentScopes");
      parents && parents->is_array() && !parents->get_array().empty()
      && parents->get_array().front().is_string())
    value.parent = edge_of_scope(
      std::string_view{parents->get_array().front().get_string()});
  else if (!value.edge)
    value.parent = edge_of_scope(text_at(in, "deviceScope", why));
  if (!why.empty())
    return std::nullopt;
  return value;
}

bool valid_id(std::string_view id) {
  static constexpr std::string_view marks = "-:.+%_#*?!(),=@$'";
  return !id.empty() && id.size() <= 128
         && std::all_of(id.begin(), id.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9')
                     || marks.find(c) != std::string_view::npos;
            });
}

} // namespace tidegate
