#include "messages/mqtt/decode.hpp"

#include "messages/mqtt/topic_filter.hpp"
#include "messages/mqtt/utf8.hpp"

namespace tidegate::mqtt {

namespace {

/// Takes fields off the front of a packet's body. After the first field that
/// is not whole, `ok` stays false and everything reads as empty.
class field_reader {
public:
  explicit field_reader(std::string_view body) : rest_(body) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  std::uint8_t byte() {
    const auto taken = take(1);
    return taken.empty() ? std::uint8_t{0}
                         : static_cast<std::uint8_t>(taken[0]);
  }
  std::uint16_t word() {
    const auto high = byte();
    const auto low = byte();
    return static_cast<std::uint16_t>(high << 8 | low);
  }
  std::string_view binary() { return take(word()); }
  std::string_view take(std::size_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

private:
  std::string_view rest_;
  bool ok_ = true;
};

constexpr std::string_view truncated = "packet ends inside a field";
constexpr std::string_view trailing = "packet goes on behind its last field";
constexpr std::string_view bad_flags = "reserved header flags are wrong";
constexpr std::string_view zero_id = "packet identifier is 0";

/// MQTT 3.1.1, section 3.1.2.3.
struct connect_flags {
  bool user_name, password, will_retain, will, clean_session, reserved;
  std::uint8_t will_quality;

  explicit connect_flags(std::uint8_t bits)
    : user_name(bits & 0x80), password(bits & 0x40), will_retain(bits & 0x20),
      will(bits & 0x04), clean_session(bits & 0x02), reserved(bits & 0x01),
      will_quality(static_cast<std::uint8_t>(bits >> 3 & 0x03)) {}

  std::string_view fault() const {
    if (reserved)
      return "reserved CONNECT flag is set";
    if (!will && (will_retain || will_quality != 0))
      return "will flags without a will";
    if (will_quality == 3)
      return "will quality of service is 3";
    if (password && !user_name)
      return "password without a user name";
    return {};
  }
};

std::string_view read_will(field_reader& in, const connect_flags& flags,
                           connect& out) {
  will found;
  found.topic = in.binary();
  found.payload = in.binary();
  found.quality = static_cast<qos>(flags.will_quality);
  found.retain = flags.will_retain;
  if (in.ok() && !valid_topic_name(found.topic))
    return "will topic is not a valid topic name";
  out.last_will = found;
  return {};
}

std::string_view read_payload(field_reader& in, const connect_flags& flags,
                              connect& out) {
  out.client_id = in.binary();
  if (!valid_mqtt_string(out.client_id))
    return "client identifier is not a valid string";
  if (flags.will)
    if (const auto why = read_will(in, flags, out); !why.empty())
      return why;
  if (flags.user_name)
    out.user_name = in.binary();
  if (flags.password)
    out.password = in.binary();
  if (out.user_name && !valid_mqtt_string(*out.user_name))
    return "user name is not a valid string";
  return in.ok() ? in.at_end() ? std::string_view{} : trailing : truncated;
}

std::string_view read_connect(const raw_packet& raw, connect& out) {
  if (raw.flags != 0)
    return bad_flags;
  field_reader in{raw.body};
  if (in.binary() != "MQTT")
    return "protocol name is not MQTT";
  out.level = in.byte();
  if (!in.ok())
    return truncated;
  if (out.level != protocol_level)
    return {};
  const connect_flags flags{in.byte()};
  out.keep_alive = in.word();
  if (!in.ok())
    return truncated;
  if (const auto why = flags.fault(); !why.empty())
    return why;
  out.clean_session = flags.clean_session;
  return read_payload(in, flags, out);
}

std::string_view read_publish(const raw_packet& raw, publish& out) {
  const auto quality = static_cast<std::uint8_t>(raw.flags >> 1 & 0x03);
  if (quality == 3)
    return "quality of service is 3";
  out.quality = static_cast<qos>(quality);
  out.dup = raw.flags & 0x08;
  out.retain = raw.flags & 0x01;
  if (out.dup && quality == 0)
    return "duplicate flag at quality of service 0";
  field_reader in{raw.body};
  out.topic = in.binary();
  if (quality != 0)
    out.packet_id = in.word();
  if (!in.ok())
    return truncated;
  if (quality != 0 && out.packet_id == 0)
    return zero_id;
  if (!valid_topic_name(out.topic))
    return "topic is not a valid topic name";
  out.payload = in.rest();
  return {};
}

std::string_view read_subscribe(const raw_packet& raw, subscribe& out) {
  if (raw.flags != 2)
    return bad_flags;
  field_reader in{raw.body};
  out.packet_id = in.word();
  if (in.ok() && out.packet_id == 0)
    return zero_id;
  while (in.ok() && !in.at_end()) {
    const auto filter = in.binary();
    const auto quality = in.byte();
    if (!in.ok())
      break;
    if (!valid_topic_filter(filter))
      return "topic filter is not valid";
    if (quality > 2)
      return "requested quality of service is above 2";
    out.entries.push_back({filter, static_cast<qos>(quality)});
  }
  if (!in.ok())
    return truncated;
  return out.entries.empty() ? "SUBSCRIBE without a filter"
                             : std::string_view{};
}

std::string_view read_unsubscribe(const raw_packet& raw, unsubscribe& out) {
  if (raw.flags != 2)
    return bad_flags;
  field_reader in{raw.body};
  out.packet_id = in.word();
  if (in.ok() && out.packet_id == 0)
    return zero_id;
  while (in.ok() && !in.at_end()) {
    const auto filter = in.binary();
    if (!in.ok())
      break;
    if (!valid_topic_filter(filter))
      return "topic filter is not valid";
    out.filters.push_back(filter);
  }
  if (!in.ok())
    return truncated;
  return out.filters.empty() ? "UNSUBSCRIBE without a filter"
                             : std::string_view{};
}

std::string_view read_connack(const raw_packet& raw, connack& out) {
  if (raw.flags != 0)
    return bad_flags;
  if (raw.body.size() != 2)
    return "CONNACK is not two bytes long";
  const auto flags = static_cast<std::uint8_t>(raw.body[0]);
  const auto code = static_cast<std::uint8_t>(raw.body[1]);
  if (flags > 1)
    return "reserved CONNACK flag is set";
  if (code > 5)
    return "CONNACK code is above 5";
  if (flags != 0 && code != 0)
    return "session present although the connection is refused";
  out.session_present = flags == 1;
  out.code = static_cast<connect_code>(code);
  return {};
}

std::string_view read_suback(const raw_packet& raw, suback& out) {
  if (raw.flags != 0)
    return bad_flags;
  field_reader in{raw.body};
  out.packet_id = in.word();
  if (!in.ok())
    return truncated;
  if (out.packet_id == 0)
    return zero_id;
  if (in.at_end())
    return "SUBACK without a return code";
  for (const char c : in.rest()) {
    const auto code = static_cast<std::uint8_t>(c);
    if (code > 2 && code != subscribe_failed)
      return "SUBACK return code is unknown";
    out.granted.push_back(code);
  }
  return {};
}

template <class Packet>
decoded<Packet> read(const raw_packet& raw,
                     std::string_view (*reader)(const raw_packet&, Packet&)) {
  decoded<Packet> result;
  result.why = reader(raw, result.packet);
  return result;
}

} // namespace

bool packet_cursor::next(raw_packet& out) {
  if (rest_.empty() || !why_.empty())
    return false;
  fixed_header header;
  if (read_fixed_header(rest_, header) != header_state::complete
      || header.packet_size() > rest_.size()) {
    why_ = "bytes are not whole packets";
    return false;
  }
  if (header.type == 0 || header.type == 15) {
    why_ = "packet type is reserved";
    return false;
  }
  out.type = static_cast<packet_type>(header.type);
  out.flags = header.flags;
  out.body = rest_.substr(header.size, header.remaining);
  rest_.remove_prefix(header.packet_size());
  return true;
}

decoded<connect> decode_connect(const raw_packet& raw) {
  return read(raw, read_connect);
}

decoded<connack> decode_connack(const raw_packet& raw) {
  return read(raw, read_connack);
}

decoded<publish> decode_publish(const raw_packet& raw) {
  return read(raw, read_publish);
}

decoded<subscribe> decode_subscribe(const raw_packet& raw) {
  return read(raw, read_subscribe);
}

decoded<suback> decode_suback(const raw_packet& raw) {
  return read(raw, read_suback);
}

decoded<unsubscribe> decode_unsubscribe(const raw_packet& raw) {
  return read(raw, read_unsubscribe);
}

decoded<std::uint16_t> decode_packet_id(const raw_packet& raw) {
  const auto expected = raw.type == packet_type::pubrel ? 2 : 0;
  if (raw.flags != expected)
    return {0, bad_flags};
  field_reader in{raw.body};
  const auto id = in.word();
  if (!in.ok())
    return {0, truncated};
  if (!in.at_end())
    return {0, trailing};
  return {id, id == 0 ? zero_id : std::string_view{}};
}

decoded<packet_type> decode_empty(const raw_packet& raw) {
  if (raw.flags != 0)
    return {raw.type, bad_flags};
  return {raw.type, raw.body.empty() ? std::string_view{} : trailing};
}

} // namespace tidegate::mqtt
