#include "messages/shown_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace tidegate;

TEST_CASE("what a terminal would act on is shown escaped", "[shown]") {
  CHECK(shown_text("plain, \"quoted\" and C:\\temp")
        == "plain, \"quoted\" and C:\\temp");
  CHECK(shown_text("gr\xc3\xbc\xc3\x9f \xe6\xb0\xb4 \xf0\x9f\x8c\x8a")
        == "gr\xc3\xbc\xc3\x9f \xe6\xb0\xb4 \xf0\x9f\x8c\x8a");
  CHECK(shown_text("a\nb\r\tc") == "a\\nb\\r\\tc");
  CHECK(shown_text("\x1b[2J\x1b]0;owned\x07") == "\\x1b[2J\\x1b]0;owned\\x07");
  CHECK(shown_text({"\0", 1}) == "\\x00");
  CHECK(shown_text("\x7f") == "\\x7f");
  // C1, as UTF-8 and as the byte that some terminals take for it.
  CHECK(shown_text("\xc2\x9b"
                   "2J")
        == "\\x9b2J");
  CHECK(shown_text("\x9b"
                   "2J")
        == "\\x9b2J");
  CHECK(shown_text("\xe2\x80\xae evil") == "\\u202e evil");
  CHECK(shown_text("\xe2\x80\xa8") == "\\u2028");
  CHECK(shown_text("\xf3\xa0\x80\x81") == "\\U000e0001");
}

TEST_CASE("what is not UTF-8 is shown byte by byte", "[shown]") {
  CHECK(shown_text("\xc3") == "\\xc3");
  CHECK(shown_text("\xc0\xaf") == "\\xc0\\xaf");
  CHECK(shown_text("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(shown_text("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
}

TEST_CASE("long text is cut between characters, and says so", "[shown]") {
  CHECK(shown_text("abcdef", 4) == "abcd... (2 bytes more)");
  CHECK(shown_text("abc\xc3\xbc", 4) == "abc... (2 bytes more)");
  CHECK(shown_text("abcd", 4) == "abcd");
  CHECK(shown_text(std::string(120'000, 'x')).size() < longest_shown + 40);
}

TEST_CASE("JSON stays what it was", "[shown]") {
  CHECK(shown_json(R"({"a":"\u001b[2J"})") == R"({"a":"\u001b[2J"})");
  CHECK(shown_json("\"\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81\"")
        == R"("\u007f\u009b\u202e\udb40\udc01")");
  const boost::json::value all{
    {"k\xc2\x85", "\x7f\xe2\x80\xae\xf3\xa0\x80\x81"}};
  CHECK(boost::json::parse(shown_json(boost::json::serialize(all))) == all);
}

TEST_CASE("no text makes a terminal do anything", "[shown][property]") {
  rc::prop("nothing below a blank, no C1, and the same again",
           [](const std::string& text) {
             const auto shown = shown_text(text);
             for (const char c : shown)
               RC_ASSERT(static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
             RC_ASSERT(shown.find("\xc2\x9b") == std::string::npos);
             RC_ASSERT(shown_text(shown) == shown);
           });
}
