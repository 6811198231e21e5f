#pragma once

#include "messages/mqtt/frame.hpp"
#include "messages/mqtt/packet.hpp"

namespace tidegate::mqtt {

/// One packet as it lies in the receive buffer.
struct raw_packet {
  packet_type type = packet_type::connect;
  std::uint8_t flags = 0;
  std::string_view body; ///< what follows the fixed header
};

/// Walks a run of whole packets, as `scan_frames` marks it.
class packet_cursor {
public:
  explicit packet_cursor(std::string_view packets) : rest_(packets) {}

  /// Takes the next packet. False at the end and on damage; `why` tells the
  /// two apart.
  bool next(raw_packet& out);

  /// Not empty: the bytes are no whole packets, or of no known type.
  std::string_view why() const { return why_; }

private:
  std::string_view rest_;
  std::string_view why_;
};

/// A packet, or in `why` what is wrong with it. Every fault is a protocol
/// error after which the connection is to be closed (MQTT 3.1.1, section
/// 4.8). Views point into the packet that was read.
template <class Packet>
struct decoded {
  Packet packet{};
  std::string_view why;

  explicit operator bool() const { return why.empty(); }
};

decoded<connect> decode_connect(const raw_packet& raw);
decoded<connack> decode_connack(const raw_packet& raw);
decoded<publish> decode_publish(const raw_packet& raw);
decoded<subscribe> decode_subscribe(const raw_packet& raw);
decoded<suback> decode_suback(const raw_packet& raw);
decoded<unsubscribe> decode_unsubscribe(const raw_packet& raw);

/// The packet identifier of PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK,
/// which carry nothing else.
decoded<std::uint16_t> decode_packet_id(const raw_packet& raw);

/// PINGREQ, PINGRESP and DISCONNECT say nothing but their type; the result
/// tells whether they are well formed.
decoded<packet_type> decode_empty(const raw_packet& raw);

} // namespace tidegate::mqtt
