#include "messages/mqtt/decode.hpp"
#include "messages/mqtt/encode.hpp"
#include "packet_generators.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace tidegate::mqtt;

namespace {

/// The only packet in `text`.
raw_packet only(const std::string& text) {
  CHECK(scan_frames(text).complete == text.size());
  packet_cursor cursor{text};
  raw_packet raw;
  REQUIRE(cursor.next(raw));
  raw_packet more;
  REQUIRE_FALSE(cursor.next(more));
  REQUIRE(cursor.why().empty());
  return raw;
}

template <class Packet>
std::string encoded(const Packet& packet) {
  std::string text;
  REQUIRE(encode(text, packet));
  return text;
}

} // namespace

TEST_CASE("CONNECT is decoded as it was encoded", "[mqtt]") {
  rc::prop("round trip", [] {
    const auto id = *plain_text();
    const auto topic = *plain_text();
    const auto bytes = *rc::gen::string<std::string>();
    connect sent;
    sent.client_id = id;
    sent.clean_session = *rc::gen::arbitrary<bool>();
    sent.keep_alive = *rc::gen::arbitrary<std::uint16_t>();
    if (*rc::gen::arbitrary<bool>())
      sent.last_will
        = will{topic, bytes, quality_up_to(2), *rc::gen::arbitrary<bool>()};
    if (*rc::gen::arbitrary<bool>()) {
      sent.user_name = topic;
      if (*rc::gen::arbitrary<bool>())
        sent.password = bytes;
    }
    const auto text = encoded(sent);
    const auto got = decode_connect(only(text));
    RC_ASSERT(got);
    RC_ASSERT(got.packet.level == protocol_level);
    RC_ASSERT(got.packet.client_id == id);
    RC_ASSERT(got.packet.clean_session == sent.clean_session);
    RC_ASSERT(got.packet.keep_alive == sent.keep_alive);
    RC_ASSERT(got.packet.user_name == sent.user_name);
    RC_ASSERT(got.packet.password == sent.password);
    RC_ASSERT(got.packet.last_will.has_value() == sent.last_will.has_value());
    if (sent.last_will) {
      RC_ASSERT(got.packet.last_will->topic == topic);
      RC_ASSERT(got.packet.last_will->payload == bytes);
      RC_ASSERT(got.packet.last_will->quality == sent.last_will->quality);
      RC_ASSERT(got.packet.last_will->retain == sent.last_will->retain);
    }
  });
}

TEST_CASE("PUBLISH is decoded as it was encoded", "[mqtt]") {
  rc::prop("round trip", [] {
    const auto topic = *plain_text();
    const auto payload = *rc::gen::string<std::string>();
    publish sent{
      topic, payload, 0, quality_up_to(2), false, *rc::gen::arbitrary<bool>()};
    if (sent.quality != qos::at_most_once) {
      sent.packet_id = packet_id();
      sent.dup = *rc::gen::arbitrary<bool>();
    }
    const auto text = encoded(sent);
    const auto got = decode_publish(only(text));
    RC_ASSERT(got);
    RC_ASSERT(got.packet.topic == topic);
    RC_ASSERT(got.packet.payload == payload);
    RC_ASSERT(got.packet.packet_id == sent.packet_id);
    RC_ASSERT(got.packet.quality == sent.quality);
    RC_ASSERT(got.packet.dup == sent.dup);
    RC_ASSERT(got.packet.retain == sent.retain);
  });
}

TEST_CASE("SUBSCRIBE and UNSUBSCRIBE are decoded as they were encoded",
          "[mqtt]") {
  rc::prop("round trip", [] {
    const auto filters = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::string>>(plain_text()));
    subscribe sent{packet_id(), {}};
    unsubscribe ended{packet_id(), {}};
    for (const auto& filter : filters) {
      sent.entries.push_back({filter, quality_up_to(2)});
      ended.filters.push_back(filter);
    }
    const auto text = encoded(sent);
    const auto got = decode_subscribe(only(text));
    RC_ASSERT(got);
    RC_ASSERT(got.packet.packet_id == sent.packet_id);
    RC_ASSERT(got.packet.entries.size() == filters.size());
    for (std::size_t i = 0; i < filters.size(); ++i) {
      RC_ASSERT(got.packet.entries[i].filter == filters[i]);
      RC_ASSERT(got.packet.entries[i].quality == sent.entries[i].quality);
    }
    const auto end_text = encoded(ended);
    const auto got_end = decode_unsubscribe(only(end_text));
    RC_ASSERT(got_end);
    RC_ASSERT(got_end.packet.packet_id == ended.packet_id);
    RC_ASSERT(got_end.packet.filters == ended.filters);
  });
}

TEST_CASE("answers are decoded as they were encoded", "[mqtt]") {
  std::string text;
  SECTION("CONNACK") {
    encode(text, connack{true, connect_code::accepted});
    const auto got = decode_connack(only(text));
    REQUIRE(got);
    CHECK(got.packet.session_present);
    CHECK(got.packet.code == connect_code::accepted);
  }
  SECTION("SUBACK") {
    encode(text, suback{7, {0, 1, 2, subscribe_failed}});
    const auto got = decode_suback(only(text));
    REQUIRE(got);
    CHECK(got.packet.packet_id == 7);
    CHECK(got.packet.granted
          == std::vector<std::uint8_t>{0, 1, 2, subscribe_failed});
  }
  SECTION("acknowledgements of one packet") {
    const auto type
      = GENERATE(packet_type::puback, packet_type::pubrec, packet_type::pubrel,
                 packet_type::pubcomp, packet_type::unsuback);
    encode_packet_id(text, type, 0xabcd);
    const auto raw = only(text);
    CHECK(raw.type == type);
    const auto got = decode_packet_id(raw);
    REQUIRE(got);
    CHECK(got.packet == 0xabcd);
  }
  SECTION("packets that say nothing but their type") {
    const auto type = GENERATE(packet_type::pingreq, packet_type::pingresp,
                               packet_type::disconnect);
    encode_empty(text, type);
    CHECK(only(text).type == type);
    CHECK(decode_empty(only(text)));
  }
}

TEST_CASE("texts that do not fit their field are not encoded", "[mqtt]") {
  const std::string longest(max_string_size, 'x');
  const auto too_long = longest + 'x';
  std::string out = "before";
  CHECK(encode(out, publish{longest, {}, 0, {}, false, false}));
  out = "before";
  CHECK_FALSE(encode(out, publish{too_long, {}, 0, {}, false, false}));
  CHECK_FALSE(encode(out, subscribe{1, {{too_long, {}}}}));
  CHECK_FALSE(encode(out, unsubscribe{1, {too_long}}));
  connect packet;
  packet.client_id = "c";
  packet.user_name = "u";
  packet.password = too_long;
  CHECK_FALSE(encode(out, packet));
  CHECK(out == "before");
}
