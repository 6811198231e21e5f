#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// What a shared access policy may allow, as IoT Hub has it.
enum class access_right : std::uint8_t {
  registry_read = 1,   ///< read identities
  registry_write = 2,  ///< create, change and delete them
  service_connect = 4, ///< twins, methods, messages, events
  device_connect = 8,  ///< speak as any device or module
};

class access_rights {
public:
  access_rights() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): one right is a set
  access_rights(access_right one) { add(one); }
  access_rights(std::initializer_list<access_right> rights) {
    for (const auto one : rights)
      add(one);
  }

  void add(access_right one) {
    bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(one));
  }
  bool has(access_right one) const {
    return (bits_ & static_cast<std::uint8_t>(one)) != 0;
  }
  bool has_all(access_rights of) const {
    return (bits_ & of.bits_) == of.bits_;
  }
  bool empty() const { return bits_ == 0; }
  bool operator==(const access_rights&) const = default;

private:
  std::uint8_t bits_ = 0;
};

/// A name, what whoever knows one of its keys may do, and the keys.
struct access_policy {
  std::string name;
  access_rights rights;
  std::string primary_key;   ///< base64
  std::string secondary_key; ///< base64

  bool operator==(const access_policy&) const = default;
};

/// All policies of a hub, shared and never changed.
using access_policies = std::shared_ptr<const std::vector<access_policy>>;

/// The policies that a hub starts with, as IoT Hub does: `iothubowner`,
/// `service`, `device`, `registryRead`, `registryReadWrite`; without keys.
std::vector<access_policy> first_policies();

/// `RegistryRead`, `RegistryWrite`, `ServiceConnect`, `DeviceConnect`.
std::vector<std::string_view> right_names(access_rights rights);

/// Reads such a name, in any case.
std::optional<access_right> parse_right(std::string_view name);

/// Whether a policy may have that name: 1 to 64 letters, digits, `-`, `_`, `.`.
bool valid_policy_name(std::string_view name);

/// The policy called `name`, in any case; null when there is none.
const access_policy* find_policy(const std::vector<access_policy>& in,
                                 std::string_view name);

/// `HostName=..;SharedAccessKeyName=..;SharedAccessKey=..`: what a service
/// client of the hub `host` is configured with.
std::string service_connection_string(std::string_view host,
                                      const access_policy& policy);

/// `Endpoint=sb://..;SharedAccessKeyName=..;SharedAccessKey=..;EntityPath=..`:
/// the same for a reader of its events.
std::string events_connection_string(std::string_view host,
                                     const access_policy& policy);

/// The name of the event log in addresses and connection strings: the first
/// label of the hub's name.
std::string_view events_entity(std::string_view host);

} // namespace tidegate
