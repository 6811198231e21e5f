#pragma once

#include "messages/mqtt/packet.hpp"

#include <string>

namespace tidegate::mqtt {

/// Longest string an MQTT packet can hold, in bytes.
inline constexpr std::size_t max_string_size = 65'535;

// Each function appends one packet to `out`. Those that carry texts return
// false, and append nothing, when one of them is too long for its field or
// the whole for a remaining length; the contents are the caller's to validate.

[[nodiscard]] bool encode(std::string& out, const connect& packet);
[[nodiscard]] bool encode(std::string& out, const publish& packet);
[[nodiscard]] bool encode(std::string& out, const subscribe& packet);
[[nodiscard]] bool encode(std::string& out, const unsubscribe& packet);
void encode(std::string& out, const connack& packet);
void encode(std::string& out, const suback& packet);

/// PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK for `packet_id`.
void encode_packet_id(std::string& out, packet_type type,
                      std::uint16_t packet_id);

/// PINGREQ, PINGRESP or DISCONNECT.
void encode_empty(std::string& out, packet_type type);

} // namespace tidegate::mqtt
