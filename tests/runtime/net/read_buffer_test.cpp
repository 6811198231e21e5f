#include "runtime/net/read_buffer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <vector>

using namespace tidegate;

namespace {

/// Reads `text` into the room that is there; returns how much fitted.
std::size_t fill(read_buffer& buffer, std::string_view text) {
  const auto room = buffer.room();
  const auto part = text.substr(0, room.size());
  std::copy(part.begin(), part.end(), room.begin());
  buffer.commit(part.size());
  return part.size();
}

/// How large the next read is after a pause.
std::size_t read_size(read_buffer& buffer) {
  buffer.shrink();
  const auto size = buffer.room().size();
  buffer.shrink();
  return size;
}

} // namespace

TEST_CASE("bytes come out as they went in, however they are cut", "[net]") {
  CHECK(rc::check([](const std::vector<std::string>& reads) {
    read_buffer buffer;
    std::string in;
    std::string out;
    std::vector<bytes> kept;
    for (const auto& text : reads) {
      in += text;
      for (std::string_view rest = text; !rest.empty();)
        rest.remove_prefix(fill(buffer, rest));
      const auto count
        = *rc::gen::inRange<std::size_t>(0, buffer.view().size() + 1);
      if (count > 0)
        kept.push_back(buffer.take(count));
      switch (*rc::gen::inRange(0, 3)) {
      case 0:
        buffer.shrink();
        break;
      case 1:
        buffer.expect(*rc::gen::inRange<std::size_t>(0, 10'000));
        break;
      default:
        break;
      }
    }
    for (const auto& piece : kept)
      out += piece.view;
    out += buffer.view();
    RC_ASSERT(out == in);
  }));
}

TEST_CASE("reads grow with what the peer sends and shrink again", "[net]") {
  read_buffer buffer;
  CHECK(read_size(buffer) == read_buffer::smallest);
  const std::string flood(read_buffer::largest, 'f');
  for (int i = 0; i < 20; ++i)
    buffer.take(fill(buffer, flood));
  CHECK(read_size(buffer) == read_buffer::largest);
  for (int i = 0; i < 20; ++i)
    buffer.take(fill(buffer, "few"));
  CHECK(read_size(buffer) == read_buffer::smallest);
}

TEST_CASE("an expected packet is read in one piece", "[net]") {
  read_buffer buffer;
  fill(buffer, "head");
  buffer.expect(100'000);
  CHECK(buffer.room().size() == 100'000 - 4);
  CHECK(buffer.view() == "head");
}

TEST_CASE("half a packet keeps little memory while nothing comes", "[net]") {
  read_buffer buffer;
  buffer.expect(read_buffer::largest);
  fill(buffer, "half");
  buffer.shrink();
  CHECK(buffer.room().size() == read_buffer::smallest - 4);
  CHECK(buffer.view() == "half");
}
