#include "messages/iothub/connection_string.hpp"

#include "messages/iothub/base64.hpp"
#include "messages/message_head.hpp"

#include <algorithm>

namespace tidegate {

namespace {

/// The field that `name` stands for, or null.
std::string* field(connection_string& value, std::string_view name) {
  if (equal_without_case(name, "HostName"))
    return &value.host;
  if (equal_without_case(name, "DeviceId"))
    return &value.id.device;
  if (equal_without_case(name, "ModuleId"))
    return &value.id.module;
  if (equal_without_case(name, "SharedAccessKey"))
    return &value.key;
  if (equal_without_case(name, "GatewayHostName"))
    return &value.gateway;
  return nullptr;
}

std::string fault_of(const connection_string& value) {
  if (value.host.empty())
    return "connection string has no HostName";
  if (value.id.device.empty())
    return "connection string has no DeviceId";
  if (!base64_decode(value.key))
    return "SharedAccessKey of the connection string is not base64";
  return {};
}

} // namespace

std::optional<connection_string> parse_connection_string(std::string_view text,
                                                         std::string& why) {
  connection_string result;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty())
      continue;
    const auto equals = part.find('=');
    const auto name = part.substr(0, equals);
    if (equals == std::string_view::npos) {
      why = "connection string part has no value: " + std::string{name};
      return std::nullopt;
    }
    auto* target = field(result, name);
    if (target && !target->empty()) {
      why = "connection string names twice: " + std::string{name};
      return std::nullopt;
    }
    if (target)
      *target = part.substr(equals + 1);
  }
  why = fault_of(result);
  if (!why.empty())
    return std::nullopt;
  return result;
}

std::string to_string(const connection_string& value) {
  auto text = "HostName=" + value.host + ";DeviceId=" + value.id.device;
  if (value.id.is_module())
    text += ";ModuleId=" + value.id.module;
  if (!value.key.empty())
    text += ";SharedAccessKey=" + value.key;
  if (!value.gateway.empty())
    text += ";GatewayHostName=" + value.gateway;
  return text;
}

} // namespace tidegate
