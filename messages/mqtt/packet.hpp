#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tidegate::mqtt {

/// MQTT 3.1.1, section 2.2.1.
enum class packet_type : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect
};

/// 0: at most once, 1: at least once, 2: exactly once.
enum class qos : std::uint8_t { at_most_once, at_least_once, exactly_once };

/// The only protocol level spoken here: 3.1.1.
inline constexpr std::uint8_t protocol_level = 4;

// All texts below are views: into the receive buffer when a packet was
// decoded, into whatever the caller holds when it is to be encoded.

/// What the server is to publish when a client goes away unasked.
struct will {
  std::string_view topic;
  std::string_view payload;
  qos quality = qos::at_most_once;
  bool retain = false;
};

struct connect {
  /// When this is not `protocol_level`, the rest was not read: the packet has
  /// a layout of its own and is answered with `refused_protocol`.
  std::uint8_t level = protocol_level;
  bool clean_session = true;
  std::uint16_t keep_alive = 0; ///< seconds; 0 asks for none
  std::string_view client_id;
  std::optional<mqtt::will> last_will;
  std::optional<std::string_view> user_name;
  std::optional<std::string_view> password;
};

/// MQTT 3.1.1, table 3.1.
enum class connect_code : std::uint8_t {
  accepted = 0,
  refused_protocol = 1,
  refused_identifier = 2,
  server_unavailable = 3,
  bad_credentials = 4,
  not_authorized = 5
};

struct connack {
  bool session_present = false;
  connect_code code = connect_code::accepted;
};

struct publish {
  std::string_view topic;
  std::string_view payload;
  std::uint16_t packet_id = 0; ///< 0 exactly when `quality` is at most once
  qos quality = qos::at_most_once;
  bool dup = false;
  bool retain = false;
};

/// A filter and the quality asked for.
struct subscription {
  std::string_view filter;
  qos quality = qos::at_most_once;
};

struct subscribe {
  std::uint16_t packet_id = 0;
  std::vector<subscription> entries;
};

/// What a SUBACK says for a filter that was refused.
inline constexpr std::uint8_t subscribe_failed = 0x80;

struct suback {
  std::uint16_t packet_id = 0;
  /// Per filter the quality granted (0, 1, 2) or `subscribe_failed`.
  std::vector<std::uint8_t> granted;
};

struct unsubscribe {
  std::uint16_t packet_id = 0;
  std::vector<std::string_view> filters;
};

} // namespace tidegate::mqtt
