#include "module_client/module_identity.hpp"

#include <stdexcept>

namespace tidegate::module {

namespace {

std::string needed(const variable_lookup& variable, const char* name) {
  auto value = variable(name);
  if (value.empty())
    throw std::runtime_error{std::string{"the environment has no "} + name
                             + "; was this program started as a module?"};
  return value;
}

bool is_plain(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
         || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'
         || c == '~';
}

int digit_of(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

std::string percent_encode(const std::string& text) {
  constexpr auto digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(byte)) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string percent_decode(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high
      = text[i] == '%' && i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    const auto low = high >= 0 ? digit_of(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

module_identity read_identity(const variable_lookup& variable) {
  module_identity who;
  const auto uri = needed(variable, "IOTEDGE_WORKLOADURI");
  constexpr std::string_view scheme = "unix://";
  if (!uri.starts_with(scheme))
    throw std::runtime_error{"IOTEDGE_WORKLOADURI must begin with unix://"};
  who.workload_socket = uri.substr(scheme.size());
  who.device = needed(variable, "IOTEDGE_DEVICEID");
  who.module = needed(variable, "IOTEDGE_MODULEID");
  who.generation = needed(variable, "IOTEDGE_MODULEGENERATIONID");
  who.hub_host = needed(variable, "IOTEDGE_IOTHUBHOSTNAME");
  who.gateway_host = variable("IOTEDGE_GATEWAYHOSTNAME");
  if (who.gateway_host.empty())
    who.gateway_host = who.hub_host;
  if (const auto port = variable("TIDEGATE_MQTT_PORT"); !port.empty())
    who.port = port;
  return who;
}

std::string client_id(const module_identity& who) {
  return who.device + '/' + who.module;
}

std::string user_name(const module_identity& who) {
  return who.hub_host + '/' + client_id(who)
         + "/?api-version=2021-04-12&DeviceClientType=tidegate-module-client";
}

std::string token_resource(const module_identity& who) {
  return percent_encode(who.hub_host + "/devices/" + percent_encode(who.device)
                        + "/modules/" + percent_encode(who.module));
}

std::string token_text(const std::string& resource, const std::string& digest,
                       std::chrono::sys_seconds expires) {
  return "SharedAccessSignature sr=" + resource
         + "&sig=" + percent_encode(digest)
         + "&se=" + std::to_string(expires.time_since_epoch().count());
}

} // namespace tidegate::module
