#include "messages/amqp/frame_guard.hpp"
#include "messages/amqp/writer.hpp"

#include <catch2/catch.hpp>

using namespace tidegate::amqp;
using namespace std::string_literals;

namespace {

std::string number(std::size_t value, int width) {
  std::string text;
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
    text += static_cast<char>(value >> shift & 0xff);
  return text;
}

std::string list_of(std::size_t count, const std::string& entries) {
  return '\xd0' + number(entries.size() + 4, 4) + number(count, 4) + entries;
}

std::string frame(char code, const std::string& list,
                  const std::string& payload = {}, char type = 0) {
  const auto body = "\0\x53"s + code + list + payload;
  return number(body.size() + 8, 4) + '\x02' + type + "\0\0"s + body;
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

const auto null_value = "\x40"s;

/// Shows `text` in pieces of `size`; what is wrong with it, if anything.
std::string_view fault_of(std::string_view text, std::size_t size = 1'000'000,
                          const frame_bounds& bounds = {}) {
  frame_guard guard;
  while (!text.empty()) {
    auto piece = text.substr(0, size);
    text.remove_prefix(piece.size());
    while (!piece.empty()) {
      const auto seen = guard.look(piece, bounds);
      if (!seen.wrong.empty())
        return seen.wrong;
      REQUIRE(seen.size > 0);
      REQUIRE(seen.size <= piece.size());
      piece.remove_prefix(seen.size);
    }
  }
  return {};
}

} // namespace

TEST_CASE("frames pass one by one, in whatever pieces they come",
          "[frame_guard]") {
  const auto open = frame('\x10', list_of(1, "\xa1\x01x"));
  const auto sent = frame('\x14', list_of(1, "\x43"), std::string(5000, 'p'));
  const auto all = "AMQP\0\1\0\0"s + open + "\0\0\0\x08\2\0\0\0"s + sent + sent;
  for (const std::size_t size : {1, 2, 3, 7, 19, 100, 4096, 100'000})
    CHECK(fault_of(all, size).empty());
  frame_guard guard;
  CHECK(guard.look(all).size == 8);
  CHECK(guard.look(open + sent).size == open.size());
}

TEST_CASE("a frame that is larger than told is seen from its first bytes",
          "[frame_guard]") {
  CHECK(fault_of("\0\1\0\1\2\0\0\0"s) == "a frame is too large");
  CHECK(fault_of("\0\1\0\0\2\0\0\0"s).empty());
  CHECK(fault_of("\0\0\x40\1\2\0\0\0"s, 100, {.frame = 16'384})
        == "a frame is too large");
}

TEST_CASE("a performative is bounded, a payload is not", "[frame_guard]") {
  const auto text = [](std::size_t size) {
    return "\xb1" + number(size, 4) + std::string(size, 'x');
  };
  CHECK(fault_of(frame('\x12', list_of(1, text(8000)))).empty());
  CHECK(fault_of(frame('\x12', list_of(1, text(9000))), 1000)
        == "a performative is too large");
  CHECK(fault_of(frame('\x14', list_of(1, null_value), text(9000))).empty());
  CHECK(fault_of(frame('\x41', list_of(1, text(9000)), {}, '\1')).empty());
}

TEST_CASE("the values in a performative are counted before they are decoded",
          "[frame_guard]") {
  const auto bad = "a performative has too many values";
  const auto attach
    = [](const std::string& value) { return frame('\x12', list_of(1, value)); };
  // One for the performative, its descriptor and its list.
  CHECK(
    fault_of(frame('\x12', list_of(253, repeated(null_value, 253)))).empty());
  CHECK(fault_of(frame('\x12', list_of(254, repeated(null_value, 254))))
        == bad);
  CHECK(fault_of(attach(list_of(300, repeated(null_value, 300)))) == bad);
  CHECK(fault_of(attach("\xd1" + number(604, 4) + number(600, 4)
                        + repeated(null_value, 600)))
        == bad);
  SECTION("also those of an array that takes no room") {
    CHECK(fault_of(attach("\xf0\0\0\0\5\xff\xff\xff\xff\x40"s)) == bad);
    CHECK(fault_of(attach("\xe0\2\x20\x40"s)).empty());
  }
  SECTION("and what they cost is told") {
    frame_guard guard;
    const auto plain = guard.look(attach(null_value)).cost;
    const auto full
      = guard.look(attach(list_of(200, repeated(null_value, 200)))).cost;
    CHECK(full > plain + 200 * 100);
  }
}

TEST_CASE("what does not add up is not decoded", "[frame_guard]") {
  const auto bad = "a frame cannot be read";
  CHECK(fault_of("\0\0\0\x07\2\0\0\0"s) == bad);
  CHECK(fault_of("\0\0\0\x20\1\0\0\0"s) == bad);
  CHECK(fault_of(frame('\x12', "\x40")) == bad);
  CHECK(fault_of(frame('\x12', list_of(2, null_value))) == bad);
  CHECK(fault_of(frame('\x12', list_of(1, null_value + null_value))) == bad);
  CHECK(fault_of(frame('\x12', list_of(1, "\xb1\0\0\1\0x"s))) == bad);
  CHECK(fault_of(frame('\x12', list_of(1, repeated("\0"s, 100)))) == bad);
  CHECK(fault_of(frame('\x12', list_of(1, "\xf0\0\0\0\5\0\0\0\1\xd0"s)))
        == bad);
}

TEST_CASE("what comes once at most is wrong the second time", "[frame_guard]") {
  const auto bad = "a frame comes where it may not";
  const auto open = frame('\x10', list_of(1, "\xa1\x01x"));
  const auto init = frame('\x41', list_of(1, "\xa3\x01x"), {}, '\1');
  CHECK(fault_of(init + open).empty());
  CHECK(fault_of(init + init) == bad);
  CHECK(fault_of(init + open + open, 5) == bad);
  for (const char code : {'\x40', '\x42', '\x43', '\x44'}) // the hub's to send
    CHECK(fault_of(frame(code, list_of(0, ""), {}, '\1')) == bad);
}
