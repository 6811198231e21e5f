#include "actors/uplink/upstream_pace.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t batch = 64u << 10;
const upstream_pace::clock::time_point start{100s};

/// Sends batches while there is room; how many.
int fill(upstream_pace& pace) {
  int count = 0;
  for (; pace.has_room(); ++count)
    pace.sent(batch);
  return count;
}

} // namespace

TEST_CASE("a quick parent is sent more and more at once", "[uplink]") {
  upstream_pace pace;
  for (int round = 0; round < 20; ++round) {
    const auto at = start + round * 10ms;
    for (auto left = fill(pace); left > 0; --left)
      pace.acknowledged(batch, at, at + 5ms);
  }
  CHECK(pace.limit() == upstream_pace::most);
  CHECK(pace.on_way() == 0);
}

TEST_CASE("on a slow line little is on its way", "[uplink]") {
  upstream_pace pace;
  pace.sent(batch);
  pace.acknowledged(batch, start, start + 10ms);
  const auto first = pace.limit();
  auto left = fill(pace);
  pace.acknowledged(batch, start, start + 2s);
  CHECK(pace.limit() == first / 2);
  SECTION("and the rest of what was sent too fast is not counted again") {
    while (--left > 0)
      pace.acknowledged(batch, start, start + 5s);
    CHECK(pace.limit() == first / 2);
  }
  SECTION("but never nothing") {
    auto now = start + 2s;
    for (int i = 0; i < 10; ++i) {
      pace.sent(batch);
      pace.acknowledged(batch, now, now + 2s);
      now += 2s;
    }
    CHECK(pace.limit() == upstream_pace::least);
  }
}

TEST_CASE("a parent far away is no slow line", "[uplink]") {
  upstream_pace pace;
  for (int round = 0; round < 100; ++round) {
    const auto at = start + round * 1s;
    for (auto left = fill(pace); left > 0; --left)
      pace.acknowledged(batch, at, at + 800ms + left * 1ms);
  }
  CHECK(pace.limit() == upstream_pace::most);
}

TEST_CASE("what is taken back makes room", "[uplink]") {
  upstream_pace pace;
  fill(pace);
  CHECK_FALSE(pace.has_room());
  pace.taken_back(batch);
  CHECK(pace.has_room());
}
