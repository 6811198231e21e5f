#include "messages/amqp/guid.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using namespace tidegate::amqp;
using namespace std::string_view_literals;

namespace {

std::string_view text(const guid_bytes& guid) {
  return {guid.data(), guid.size()};
}

} // namespace

TEST_CASE("a GUID is read in the order of its text", "[amqp]") {
  const auto guid = parse_guid("00112233-4455-6677-8899-AabbccddeefF");
  REQUIRE(guid);
  CHECK(text(*guid)
        == "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
           ""sv);
  CHECK(text(net_order(*guid))
        == "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
           ""sv);
}

TEST_CASE("what is no GUID is told apart", "[amqp]") {
  for (const auto* other : {"", "00112233-4455-6677-8899-aabbccddeef",
                            "00112233-4455-6677-8899-aabbccddeefff",
                            "00112233+4455-6677-8899-aabbccddeeff",
                            "0011223g-4455-6677-8899-aabbccddeeff",
                            "-0112233-4455-6677-8899-aabbccddeeff",
                            "{0112233-4455-6677-8899-aabbccddeef}"})
    CHECK_FALSE(parse_guid(other));
}
