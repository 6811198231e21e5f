#include "messages/iothub/property_bag.hpp"

#include "messages/iothub/percent.hpp"
#include "messages/mqtt/utf8.hpp"
#include "support/utf8_text.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace tidegate;

TEST_CASE("what was encoded into a bag is decoded from it", "[bag]") {
  rc::prop("round trip", [] {
    std::vector<property> entries;
    const auto names = *rc::gen::container<std::vector<std::string>>(
      rc::gen::nonEmpty(utf8_text()));
    for (const auto& name : names) {
      const auto value = *utf8_text();
      set_property(entries, name,
                   value.empty() ? std::nullopt : std::optional{value});
    }
    std::string text;
    encode_property_bag(text, entries);
    const auto decoded = decode_property_bag(text);
    RC_ASSERT(decoded);
    RC_ASSERT(decoded.entries.size() == entries.size());
    for (const auto& [name, value] : entries)
      RC_ASSERT(find_property(decoded.entries, name)->value == value);
  });
}

TEST_CASE("percent decoding undoes encoding for every valid text", "[bag]") {
  rc::prop("round trip", [] {
    const auto text = *utf8_text();
    RC_ASSERT(valid_utf8(text));
    RC_ASSERT(percent_decode(percent_encode(text)) == text);
    RC_ASSERT(form_decode(percent_encode(text)) == text);
  });
}

TEST_CASE("what is no escape stays as it is", "[bag]") {
  CHECK(percent_decode("100%") == "100%");
  CHECK(percent_decode("%zz%4") == "%zz%4");
  CHECK(percent_decode("a+b") == "a+b");
  CHECK(form_decode("a+b%2B") == "a b+");
}

TEST_CASE("escapes that are no UTF-8 are not decoded", "[bag]") {
  CHECK(percent_decode("%FF") == "%FF");
  CHECK(percent_decode("x%E2%82y") == "x%E2%82y");
  CHECK(percent_decode("%E2%82%AC") == "\xE2\x82\xAC");
}

TEST_CASE("the last of duplicate names wins, whatever their case", "[bag]") {
  const auto bag = decode_property_bag("Level=1&other&LEVEL=2");
  REQUIRE(bag);
  CHECK(bag.entries
        == std::vector<property>{{"Level", "2"}, {"other", std::nullopt}});
}

TEST_CASE("a bag of thousands of names is still one entry per name", "[bag]") {
  std::string text = "first=1";
  for (int i = 0; i < 5000; ++i)
    text += "&N" + std::to_string(i) + "=a&n" + std::to_string(i) + "=b";
  const auto bag = decode_property_bag(text + "&FIRST=2");
  REQUIRE(bag.entries.size() == 5001);
  CHECK(bag.entries[0] == property{"first", "2"});
  CHECK(bag.entries[5000] == property{"N4999", "b"});
}

TEST_CASE("a bag ends at a slash", "[bag]") {
  CHECK(decode_property_bag("a=1/b=2").entries
        == std::vector<property>{{"a", "1"}});
  CHECK(decode_property_bag("").entries.empty());
  CHECK(decode_property_bag("/a=1").entries.empty());
}

TEST_CASE("a malformed bag says what is wrong with it", "[bag]") {
  const auto text
    = GENERATE("&", "a&&b", "a=1&", "&a", "=", "=v", "a==", "a=b=c", "a&=");
  CAPTURE(text);
  const auto bag = decode_property_bag(text);
  CHECK_FALSE(bag);
  CHECK_FALSE(bag.why.empty());
  CHECK(bag.entries.empty());
}
