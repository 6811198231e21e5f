#include "messages/mqtt/decode.hpp"
#include "messages/mqtt/encode.hpp"
#include "messages/mqtt/topic_filter.hpp"

#include <cstdlib>

using namespace tidegate;
using namespace tidegate::mqtt;

namespace {

/// What was decoded must encode, and decode again to the same.
void check(const publish& packet) {
  std::string text;
  if (!encode(text, packet))
    std::abort();
  packet_cursor cursor{text};
  raw_packet raw;
  if (!cursor.next(raw))
    std::abort();
  const auto again = decode_publish(raw);
  if (!again || again.packet.topic != packet.topic
      || again.packet.payload != packet.payload || !matches("#", packet.topic)
      || !matches(packet.topic, packet.topic))
    std::abort();
}

void check(const connect& packet) {
  std::string text;
  if (packet.level == protocol_level && !encode(text, packet))
    std::abort();
}

void check(const subscribe& packet) {
  std::string text;
  if (packet.entries.empty() || !encode(text, packet))
    std::abort();
  for (const auto& entry : packet.entries)
    matches(entry.filter, "devices/d/messages/devicebound");
}

void check(const unsubscribe& packet) {
  std::string text;
  if (packet.filters.empty() || !encode(text, packet))
    std::abort();
}

template <class Packet>
void check_decoded(const decoded<Packet>& result) {
  if (result)
    check(result.packet);
}

void decode(const raw_packet& raw) {
  switch (raw.type) {
  case packet_type::connect:
    return check_decoded(decode_connect(raw));
  case packet_type::publish:
    return check_decoded(decode_publish(raw));
  case packet_type::subscribe:
    return check_decoded(decode_subscribe(raw));
  case packet_type::unsubscribe:
    return check_decoded(decode_unsubscribe(raw));
  case packet_type::connack:
    decode_connack(raw);
    return;
  case packet_type::suback:
    decode_suback(raw);
    return;
  case packet_type::pingreq:
  case packet_type::pingresp:
  case packet_type::disconnect:
    decode_empty(raw);
    return;
  default:
    decode_packet_id(raw);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view buffer{reinterpret_cast<const char*>(data), size};
  const auto scan = scan_frames(buffer);
  if (scan.complete > size)
    std::abort();
  packet_cursor cursor{buffer.substr(0, scan.complete)};
  raw_packet raw;
  while (cursor.next(raw))
    decode(raw);
  return 0;
}
