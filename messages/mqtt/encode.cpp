#include "messages/mqtt/encode.hpp"

namespace tidegate::mqtt {

namespace {

/// MQTT 3.1.1, table 2.4.
constexpr std::size_t max_remaining_length = 268'435'455;

void put_byte(std::string& out, unsigned value) {
  out.push_back(static_cast<char>(value));
}

void put_word(std::string& out, unsigned value) {
  put_byte(out, value >> 8 & 0xffu);
  put_byte(out, value & 0xffu);
}

void put_binary(std::string& out, std::string_view text) {
  put_word(out, static_cast<unsigned>(text.size()));
  out.append(text);
}

void put_header(std::string& out, packet_type type, unsigned flags,
                std::size_t remaining) {
  put_byte(out, static_cast<unsigned>(type) << 4 | flags);
  do {
    const auto digit = static_cast<unsigned>(remaining & 0x7fu);
    remaining >>= 7;
    put_byte(out, remaining != 0 ? digit | 0x80u : digit);
  } while (remaining != 0);
}

bool fits(std::string_view text) { return text.size() <= max_string_size; }

unsigned bits(const connect& packet) {
  unsigned flags = packet.clean_session ? 0x02 : 0;
  if (packet.last_will) {
    flags |= 0x04u | static_cast<unsigned>(packet.last_will->quality) << 3;
    flags |= packet.last_will->retain ? 0x20u : 0;
  }
  flags |= packet.password ? 0x40u : 0;
  flags |= packet.user_name ? 0x80u : 0;
  return flags;
}

} // namespace

bool encode(std::string& out, const connect& packet) {
  std::string_view fields[5];
  std::size_t count = 0;
  fields[count++] = packet.client_id;
  if (packet.last_will) {
    fields[count++] = packet.last_will->topic;
    fields[count++] = packet.last_will->payload;
  }
  if (packet.user_name)
    fields[count++] = *packet.user_name;
  if (packet.password)
    fields[count++] = *packet.password;
  std::size_t remaining = 10;
  for (std::size_t i = 0; i < count; ++i) {
    if (!fits(fields[i]))
      return false;
    remaining += 2 + fields[i].size();
  }
  put_header(out, packet_type::connect, 0, remaining);
  put_binary(out, "MQTT");
  put_byte(out, packet.level);
  put_byte(out, bits(packet));
  put_word(out, packet.keep_alive);
  for (std::size_t i = 0; i < count; ++i)
    put_binary(out, fields[i]);
  return true;
}

bool encode(std::string& out, const publish& packet) {
  const bool with_id = packet.quality != qos::at_most_once;
  const auto remaining
    = 2 + packet.topic.size() + (with_id ? 2 : 0) + packet.payload.size();
  if (!fits(packet.topic) || remaining > max_remaining_length)
    return false;
  const auto flags = (packet.dup ? 0x08u : 0u)
                     | static_cast<unsigned>(packet.quality) << 1
                     | (packet.retain ? 0x01u : 0u);
  put_header(out, packet_type::publish, flags, remaining);
  put_binary(out, packet.topic);
  if (with_id)
    put_word(out, packet.packet_id);
  out.append(packet.payload);
  return true;
}

bool encode(std::string& out, const subscribe& packet) {
  std::size_t remaining = 2;
  for (const auto& entry : packet.entries) {
    if (!fits(entry.filter))
      return false;
    remaining += 3 + entry.filter.size();
  }
  if (remaining > max_remaining_length)
    return false;
  put_header(out, packet_type::subscribe, 2, remaining);
  put_word(out, packet.packet_id);
  for (const auto& entry : packet.entries) {
    put_binary(out, entry.filter);
    put_byte(out, static_cast<unsigned>(entry.quality));
  }
  return true;
}

bool encode(std::string& out, const unsubscribe& packet) {
  std::size_t remaining = 2;
  for (const auto filter : packet.filters) {
    if (!fits(filter))
      return false;
    remaining += 2 + filter.size();
  }
  if (remaining > max_remaining_length)
    return false;
  put_header(out, packet_type::unsubscribe, 2, remaining);
  put_word(out, packet.packet_id);
  for (const auto filter : packet.filters)
    put_binary(out, filter);
  return true;
}

void encode(std::string& out, const connack& packet) {
  put_header(out, packet_type::connack, 0, 2);
  put_byte(out, packet.session_present ? 1 : 0);
  put_byte(out, static_cast<unsigned>(packet.code));
}

void encode(std::string& out, const suback& packet) {
  put_header(out, packet_type::suback, 0, 2 + packet.granted.size());
  put_word(out, packet.packet_id);
  for (const auto code : packet.granted)
    put_byte(out, code);
}

void encode_packet_id(std::string& out, packet_type type,
                      std::uint16_t packet_id) {
  put_header(out, type, type == packet_type::pubrel ? 2 : 0, 2);
  put_word(out, packet_id);
}

void encode_empty(std::string& out, packet_type type) {
  put_header(out, type, 0, 0);
}

} // namespace tidegate::mqtt
