#include "messages/iothub/user_name.hpp"

#include "messages/iothub/percent.hpp"
#include "messages/message_head.hpp"

#include <vector>

namespace tidegate {

namespace {

/// The one client that was let in with a user name of six segments.
constexpr std::string_view old_ml_client
  = "/api-version=2017-06-30/DeviceClientType=Microsoft.Azure.Devices.Client/"
    "1.5.1-preview-003";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos)
      return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

class client_properties {
public:
  explicit client_properties(std::string_view text)
    : pairs_(split(text, '&')) {}

  /// The decoded value of the first property called `name`.
  std::optional<std::string> find(std::string_view name) const {
    for (const auto pair : pairs_) {
      const auto equals = pair.find('=');
      if (pair.substr(0, equals) != name)
        continue;
      return equals == std::string_view::npos
               ? std::string{}
               : percent_decode(pair.substr(equals + 1));
    }
    return std::nullopt;
  }

private:
  std::vector<std::string_view> pairs_;
};

bool ends_with_old_ml_client(std::string_view text) {
  return text.size() >= old_ml_client.size()
         && equal_without_case(text.substr(text.size() - old_ml_client.size()),
                               old_ml_client);
}

std::optional<user_name> fail(std::string_view& why, std::string_view text) {
  why = text;
  return std::nullopt;
}

} // namespace

std::optional<user_name> parse_user_name(std::string_view text,
                                         std::string_view& why) {
  const auto segments = split(text, '/');
  user_name result;
  if (segments.size() == 6 && ends_with_old_ml_client(text)) {
    result.id
      = {std::string{trim(segments[1])}, std::string{trim(segments[2])}};
    if (result.id.device.empty() || result.id.module.empty())
      return fail(why, "user name has a blank id");
    result.client_type = text.substr(text.rfind('=') + 1);
    return result;
  }
  if (segments.size() != 3 && segments.size() != 4)
    return fail(why, "user name does not have three or four segments");
  auto properties = segments.back();
  if (properties.starts_with('?'))
    properties.remove_prefix(1);
  else if (properties.find("api-version=") == std::string_view::npos)
    return fail(why, "last segment of the user name has no api-version");
  result.id.device = trim(segments[1]);
  if (result.id.device.empty())
    return fail(why, "user name has no device id");
  if (segments.size() == 4) {
    result.id.module = trim(segments[2]);
    if (result.id.module.empty())
      return fail(why, "user name has a blank module id");
  }
  const client_properties found{properties};
  if (trim(found.find("api-version").value_or("")).empty())
    return fail(why, "user name has no api-version");
  result.client_type = found.find("DeviceClientType").value_or("");
  result.model_id = found.find("model-id");
  result.auth_chain = found.find("auth-chain");
  return result;
}

std::string format_user_name(std::string_view host, const user_name& who,
                             std::string_view api_version) {
  std::string text{host};
  text.append("/").append(to_string(who.id)).append("/?api-version=");
  text.append(api_version);
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append("&").append(name).append("=");
    percent_encode(text, value);
  };
  if (!who.client_type.empty())
    add("DeviceClientType", who.client_type);
  if (who.model_id)
    add("model-id", *who.model_id);
  if (who.auth_chain)
    add("auth-chain", *who.auth_chain);
  return text;
}

} // namespace tidegate
