#include "messages/mqtt/encode.hpp"
#include "messages/mqtt/frame.hpp"

#include <catch2/catch.hpp>

using namespace tidegate::mqtt;
using namespace std::string_literals;

namespace {

std::string publish_of(std::size_t size) {
  std::string text;
  const std::string payload(size, 'x');
  CHECK(encode(text, publish{"t", payload, 0, {}, false, false}));
  return text;
}

} // namespace

TEST_CASE("whole packets are told from the part that follows", "[mqtt]") {
  const auto packet = publish_of(200);
  const auto buffer = packet + packet + packet;
  for (std::size_t size = 0; size <= buffer.size(); ++size) {
    const auto scan = scan_frames(std::string_view{buffer}.substr(0, size));
    const auto rest = size % packet.size();
    CAPTURE(size);
    CHECK(scan.complete == size - rest);
    CHECK(scan.pending == (rest >= 3 ? packet.size() : 0));
    CHECK(scan.error.empty());
  }
}

TEST_CASE("a packet may be as large as the limit and not larger", "[mqtt]") {
  const auto largest = publish_of(max_packet_size - 7);
  REQUIRE(largest.size() == max_packet_size);
  CHECK(scan_frames(largest).complete == max_packet_size);
  const auto larger = publish_of(max_packet_size - 6);
  SECTION("which is known from its first bytes") {
    const auto scan = scan_frames(larger.substr(0, 4));
    CHECK(scan.complete == 0);
    CHECK_FALSE(scan.error.empty());
  }
  SECTION("and does not spoil the packets before it") {
    const auto scan = scan_frames(publish_of(1) + larger);
    CHECK(scan.complete == publish_of(1).size());
    CHECK_FALSE(scan.error.empty());
  }
}

TEST_CASE("a remaining length has at most four bytes", "[mqtt]") {
  CHECK(scan_frames("\x30\xff\xff\xff"s).error.empty());
  CHECK_FALSE(scan_frames("\x30\xff\xff\xff\xff"s).error.empty());
  CHECK_FALSE(scan_frames("\x30\xff\xff\xff\x7f"s).error.empty());
  fixed_header header;
  CHECK(read_fixed_header("\x30\xff\xff\xff\x7f"s, header)
        == header_state::complete);
  CHECK(header.remaining == 268'435'455);
}
