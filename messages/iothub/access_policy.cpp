#include "messages/iothub/access_policy.hpp"

#include "messages/message_head.hpp"

#include <algorithm>
#include <array>

namespace tidegate {

namespace {

using enum access_right;

struct named_right {
  std::string_view name;
  access_right right;
};

constexpr std::array names{named_right{"RegistryRead", registry_read},
                           named_right{"RegistryWrite", registry_write},
                           named_right{"ServiceConnect", service_connect},
                           named_right{"DeviceConnect", device_connect}};

std::string key_fields(const access_policy& policy) {
  return ";SharedAccessKeyName=" + policy.name
         + ";SharedAccessKey=" + policy.primary_key;
}

} // namespace

std::vector<access_policy> first_policies() {
  return {{"iothubowner",
           {registry_read, registry_write, service_connect, device_connect},
           {},
           {}},
          {"service", {service_connect}, {}, {}},
          {"device", {device_connect}, {}, {}},
          {"registryRead", {registry_read}, {}, {}},
          {"registryReadWrite", {registry_read, registry_write}, {}, {}}};
}

std::vector<std::string_view> right_names(access_rights rights) {
  std::vector<std::string_view> found;
  for (const auto& one : names)
    if (rights.has(one.right))
      found.push_back(one.name);
  return found;
}

std::optional<access_right> parse_right(std::string_view name) {
  for (const auto& one : names)
    if (equal_without_case(one.name, name))
      return one.right;
  return std::nullopt;
}

bool valid_policy_name(std::string_view name) {
  return !name.empty() && name.size() <= 64
         && std::ranges::all_of(name, [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9') || c == '-' || c == '_'
                     || c == '.';
            });
}

const access_policy* find_policy(const std::vector<access_policy>& in,
                                 std::string_view name) {
  const auto found = std::ranges::find_if(in, [&](const access_policy& one) {
    return equal_without_case(one.name, name);
  });
  return found == in.end() ? nullptr : &*found;
}

std::string service_connection_string(std::string_view host,
                                      const access_policy& policy) {
  return "HostName=" + std::string{host} + key_fields(policy);
}

std::string events_connection_string(std::string_view host,
                                     const access_policy& policy) {
  return "Endpoint=sb://" + std::string{host} + '/' + key_fields(policy)
         + ";EntityPath=" + std::string{events_entity(host)};
}

std::string_view events_entity(std::string_view host) {
  return host.substr(0, host.find('.'));
}

} // namespace tidegate
