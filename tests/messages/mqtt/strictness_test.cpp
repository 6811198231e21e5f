#include "messages/mqtt/decode.hpp"

#include <catch2/catch.hpp>

using namespace tidegate::mqtt;
using namespace std::string_literals;

namespace {

raw_packet raw(packet_type type, unsigned flags, std::string_view body) {
  return {type, static_cast<std::uint8_t>(flags), body};
}

std::string field(const std::string& text) {
  return std::string{static_cast<char>(text.size() >> 8),
                     static_cast<char>(text.size() & 0xff)}
         + text;
}

/// A CONNECT body up to the client id.
std::string connect_body(char level, unsigned flags) {
  return field("MQTT") + level + static_cast<char>(flags) + "\0\x3c"s;
}

std::string_view connect_fault(const std::string& body) {
  return decode_connect(raw(packet_type::connect, 0, body)).why;
}

} // namespace

TEST_CASE("CONNECT flags that contradict each other are refused", "[mqtt]") {
  const auto flags = GENERATE(0x01u, 0x08u, 0x20u, 0x1cu, 0x40u, 0x18u);
  CAPTURE(flags);
  CHECK_FALSE(connect_fault(connect_body(4, flags) + field("id") + field("t")
                            + field("p"))
                .empty());
}

TEST_CASE("only the name MQTT is a protocol here", "[mqtt]") {
  CHECK_FALSE(
    connect_fault(field("MQIsdp") + "\x03\x02\0\x3c"s + field("id")).empty());
}

TEST_CASE("another protocol level is told, whatever follows it", "[mqtt]") {
  const auto body = connect_body(5, 0xff) + "anything";
  const auto got = decode_connect(raw(packet_type::connect, 0, body));
  REQUIRE(got);
  CHECK(got.packet.level == 5);
}

TEST_CASE("CONNECT is read to its last byte and not beyond", "[mqtt]") {
  const auto whole = connect_body(4, 0xc6) + field("id") + field("will/t")
                     + field("bye") + field("user") + field("\x00\xff"s);
  REQUIRE(connect_fault(whole).empty());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(connect_fault(whole.substr(0, size)).empty());
  }
  CHECK_FALSE(connect_fault(whole + 'x').empty());
}

TEST_CASE("CONNECT with malformed texts is refused", "[mqtt]") {
  CHECK_FALSE(connect_fault(connect_body(4, 2) + field("i\0d"s)).empty());
  CHECK_FALSE(connect_fault(connect_body(4, 2) + field("\xc0\x80")).empty());
  CHECK_FALSE(
    connect_fault(connect_body(4, 0x82) + field("id") + field("\xed\xa0\x80"))
      .empty());
  CHECK_FALSE(
    connect_fault(connect_body(4, 6) + field("id") + field("a/#") + field(""))
      .empty());
}

TEST_CASE("a PUBLISH with a fault is refused", "[mqtt]") {
  const auto fault = [](unsigned flags, const std::string& body) {
    return decode_publish(raw(packet_type::publish, flags, body)).why;
  };
  CHECK(fault(0, field("t")).empty());
  CHECK(fault(2, field("t") + "\0\1"s).empty());
  CHECK_FALSE(fault(6, field("t") + "\0\1"s).empty());
  CHECK_FALSE(fault(8, field("t")).empty());
  CHECK_FALSE(fault(2, field("t") + "\0\0"s).empty());
  CHECK_FALSE(fault(2, field("t") + "\0"s).empty());
  CHECK_FALSE(fault(0, field("")).empty());
  CHECK_FALSE(fault(0, field("a/+/b")).empty());
  CHECK_FALSE(fault(0, field("a#")).empty());
  CHECK_FALSE(fault(0, field("a\0b"s)).empty());
  CHECK_FALSE(fault(0, field("a\xff")).empty());
  CHECK_FALSE(fault(0, "\0\5t"s).empty());
  CHECK_FALSE(fault(0, "").empty());
}

TEST_CASE("a SUBSCRIBE with a fault is refused", "[mqtt]") {
  const auto fault = [](unsigned flags, const std::string& body) {
    return decode_subscribe(raw(packet_type::subscribe, flags, body)).why;
  };
  CHECK(fault(2, "\0\1"s + field("a/#") + '\2').empty());
  CHECK_FALSE(fault(0, "\0\1"s + field("a/#") + '\1').empty());
  CHECK_FALSE(fault(2, "\0\0"s + field("a") + '\0').empty());
  CHECK_FALSE(fault(2, "\0\1"s).empty());
  CHECK_FALSE(fault(2, "\0\1"s + field("a")).empty());
  CHECK_FALSE(fault(2, "\0\1"s + field("a") + '\3').empty());
  CHECK_FALSE(fault(2, "\0\1"s + field("a#") + '\0').empty());
  CHECK_FALSE(fault(2, "\0\1"s + field("") + '\0').empty());
}

TEST_CASE("an UNSUBSCRIBE with a fault is refused", "[mqtt]") {
  const auto fault = [](unsigned flags, const std::string& body) {
    return decode_unsubscribe(raw(packet_type::unsubscribe, flags, body)).why;
  };
  CHECK(fault(2, "\0\1"s + field("a")).empty());
  CHECK_FALSE(fault(1, "\0\1"s + field("a")).empty());
  CHECK_FALSE(fault(2, "\0\0"s + field("a")).empty());
  CHECK_FALSE(fault(2, "\0\1"s).empty());
  CHECK_FALSE(fault(2, "\0\1"s + field("+a")).empty());
}

TEST_CASE("acknowledgements and empty packets are exact", "[mqtt]") {
  CHECK_FALSE(decode_packet_id(raw(packet_type::puback, 0, "\0\0"s)));
  CHECK_FALSE(decode_packet_id(raw(packet_type::puback, 1, "\0\1"s)));
  CHECK_FALSE(decode_packet_id(raw(packet_type::puback, 0, "\1"s)));
  CHECK_FALSE(decode_packet_id(raw(packet_type::puback, 0, "\0\1\1"s)));
  CHECK_FALSE(decode_packet_id(raw(packet_type::pubrel, 0, "\0\1"s)));
  CHECK_FALSE(decode_empty(raw(packet_type::pingreq, 0, "x")));
  CHECK_FALSE(decode_empty(raw(packet_type::disconnect, 4, "")));
  CHECK_FALSE(decode_connack(raw(packet_type::connack, 0, "\2\0"s)));
  CHECK_FALSE(decode_connack(raw(packet_type::connack, 0, "\0\6"s)));
  CHECK_FALSE(decode_connack(raw(packet_type::connack, 0, "\1\5"s)));
  CHECK_FALSE(decode_suback(raw(packet_type::suback, 0, "\0\1\3"s)));
}

TEST_CASE("reserved packet types stop the walk", "[mqtt]") {
  const auto bytes = GENERATE("\0\0"s, "\xf0\0"s);
  packet_cursor cursor{bytes};
  raw_packet out;
  CHECK_FALSE(cursor.next(out));
  CHECK_FALSE(cursor.why().empty());
}
