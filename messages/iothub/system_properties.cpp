#include "messages/iothub/system_properties.hpp"

#include "messages/message_head.hpp"

#include <array>

namespace tidegate {

namespace {

struct known_key {
  std::string_view wire;
  std::string_view internal;
  bool in;
  bool out;
};

constexpr std::array known_keys{
  known_key{"$.mid", "messageId", true, true},
  known_key{"$.cid", "cid", true, true},
  known_key{"$.uid", "userId", true, true},
  known_key{"$.to", "to", true, true},
  known_key{"$.exp", "absolute-expiry-time", true, true},
  known_key{"$.ct", "contentType", true, true},
  known_key{"$.ce", "contentEncoding", true, true},
  known_key{"$.on", "outputName", true, false},
  known_key{"$.schema", "messageSchema", true, true},
  known_key{"$.ctime", "creationTime", true, true},
  known_key{"$.ifid", "iothub-interface-id", true, false},
  known_key{"$.sub", "dt-subject", true, true},
  known_key{"ack", "ack", true, true},
  known_key{"iothub-operation", "operation", true, true},
  known_key{"$.cdid", "connectionDeviceId", false, true},
  known_key{"$.cmid", "connectionModuleId", false, true},
};

} // namespace

std::string_view internal_name_of(std::string_view wire_key) {
  for (const auto& key : known_keys)
    if (key.in && key.wire == wire_key)
      return key.internal;
  return {};
}

std::string_view wire_key_of(std::string_view internal) {
  for (const auto& key : known_keys)
    if (key.out && key.internal == internal)
      return key.wire;
  return {};
}

bool is_nodes_own(std::string_view wire_key) {
  constexpr std::array names{std::string_view{"$.cdid"},
                             std::string_view{"$.cmid"},
                             std::string_view{"$.on"},
                             std::string_view{"iothub-connection-device-id"},
                             std::string_view{"iothub-connection-module-id"},
                             std::string_view{"iothub-connection-auth-method"}};
  for (const auto name : names)
    if (equal_without_case(name, wire_key))
      return true;
  return false;
}

} // namespace tidegate
