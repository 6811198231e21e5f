#include "messages/amqp/value.hpp"

#include "messages/amqp/writer.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <cmath>

using namespace tidegate::amqp;
using namespace std::string_literals;

namespace {

value only_value(const std::string& encoded) {
  reader in{encoded};
  value out;
  REQUIRE(in.next(out));
  REQUIRE(in.at_end());
  CHECK(out.raw == encoded);
  return out;
}

std::string as_text(const std::string& encoded) {
  std::string text;
  REQUIRE(scalar_text(only_value(encoded), text));
  return text;
}

bool readable(const std::string& encoded) {
  reader in{encoded};
  value out;
  return in.next(out);
}

} // namespace

TEST_CASE("every width of a number means the same number", "[amqp]") {
  CHECK(as_text("\x43") == "0");
  CHECK(as_text("\x52\x07") == "7");
  CHECK(as_text("\x60\x01\x00"s) == "256");
  CHECK(as_text("\x70\x00\x01\x00\x00"s) == "65536");
  CHECK(as_text("\x80\xff\xff\xff\xff\xff\xff\xff\xff")
        == "18446744073709551615");
  CHECK(as_text("\x51\xff") == "-1");
  CHECK(as_text("\x61\xff\xfe") == "-2");
  CHECK(as_text("\x54\x80") == "-128");
  CHECK(as_text("\x81\x80\x00\x00\x00\x00\x00\x00\x00"s)
        == "-9223372036854775808");
}

TEST_CASE("scalars that are no numbers become text", "[amqp]") {
  CHECK(as_text("\x41") == "true");
  CHECK(as_text("\x56\x00"s) == "false");
  CHECK(as_text("\x72\x3f\xc0\x00\x00"s) == "1.5");
  CHECK(as_text("\x82\xc0\x04\x00\x00\x00\x00\x00\x00"s) == "-2.5");
  CHECK(as_text("\x73\x00\x01\xf6\x00"s) == "\xf0\x9f\x98\x80");
  CHECK(as_text("\x98\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab"
                "\xcd\xef")
        == "01234567-89ab-cdef-0123-456789abcdef");
  CHECK(as_text("\x83\x00\x00\x00\x00\x00\x00\x00\x00"s)
        == "1970-01-01T00:00:00.0000000Z");
  CHECK(as_text("\xa3\x03"
                "abc")
        == "abc");
  CHECK(as_text("\xa0\x02"
                "hi")
        == "hi");
}

TEST_CASE("what is no scalar has no text", "[amqp]") {
  std::string text;
  for (const auto& encoded :
       {"\x40"s, "\x45"s, "\xa0\x01\xff"s, "\x73\x00\x00\xd8\x00"s,
        "\xe0\x03\x01\x50\x01"s, "\x00\x53\x23\x40"s}) {
    CAPTURE(encoded);
    CHECK_FALSE(scalar_text(only_value(encoded), text));
  }
}

TEST_CASE("lists and maps show their entries", "[amqp]") {
  std::string encoded;
  writer out{encoded};
  const auto map = out.begin_map();
  out.string("key");
  out.unsigned_int(3);
  out.end(map, 2);
  const auto found = only_value(encoded);
  CHECK(found.is == kind::map);
  CHECK(found.count == 2);
  reader in{found.text};
  value entry;
  CHECK(in.next(entry));
  CHECK(entry.text == "key");
  CHECK(in.next(entry));
  CHECK(entry.number == 3);
  CHECK(in.at_end());
}

TEST_CASE("encodings that promise more than is there are refused", "[amqp]") {
  CHECK_FALSE(readable(""));
  CHECK_FALSE(readable("\x70\x01"));
  CHECK_FALSE(readable("\xa1\x05"
                       "abc"));
  CHECK_FALSE(readable("\xb0\xff\xff\xff\xff"));
  CHECK_FALSE(readable("\xc0\x00"s));        // no room for the count
  CHECK_FALSE(readable("\xc1\x02\x01\x40")); // a map of one
  CHECK_FALSE(readable("\xc0\x02\x09\x40")); // nine entries in one byte
  CHECK_FALSE(readable("\x4f"));
  CHECK_FALSE(readable("\x10"));
  SECTION("and descriptions of descriptions without end") {
    std::string deep;
    for (int i = 0; i < 10'000; ++i)
      deep += "\x00\x43"s;
    CHECK_FALSE(readable(deep));
  }
}

TEST_CASE("what is written is read back", "[amqp][property]") {
  rc::prop("texts of any length", [](const std::string& text) {
    for (const auto& sized : {text, text + std::string(300, 'x')}) {
      std::string encoded;
      writer{encoded}.string(sized);
      RC_ASSERT(only_value(encoded).text == sized);
    }
  });
  rc::prop("numbers", [](std::uint64_t natural, std::int32_t integer) {
    std::string encoded;
    writer{encoded}.unsigned_long(natural);
    RC_ASSERT(only_value(encoded).number == natural);
    encoded.clear();
    writer{encoded}.integer(integer);
    RC_ASSERT(only_value(encoded).as_signed() == integer);
  });
  rc::prop("any bytes are read within their bounds", [](
                                                       const std::string& any) {
    reader in{any};
    value out;
    while (in.next(out))
      RC_ASSERT(out.raw.data() >= any.data()
                && out.raw.data() + out.raw.size() <= any.data() + any.size());
  });
}
