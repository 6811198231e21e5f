#include "actors/routing/delivery_window.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

constexpr std::uint32_t most = 20'000;

deliver messages_of(std::size_t size, std::uint32_t count) {
  block_builder builder{wall_time{}};
  const auto head = std::make_shared<const message_head>();
  for (std::uint32_t i = 0; i < count; ++i)
    builder.add(head, std::string(size, 'x'));
  return {{}, "", {{lane_id{1}, {0, builder.finish()}, 0, count}}, ""};
}

} // namespace

TEST_CASE("large messages make the window small", "[route]") {
  CHECK(delivery_window(0, most) == most);
  CHECK(delivery_window(128, most) == most);
  CHECK(delivery_window(16'384, most) == 1024);
  CHECK(delivery_window(262'144, most) == 64);
  CHECK(delivery_window(1u << 30, most) == 32);
  CHECK(delivery_window(1u << 30, 10) == 10);
}

TEST_CASE("one large message narrows the window, and small ones widen it again",
          "[route]") {
  window_follower window{most};
  window.saw(messages_of(128, 100));
  CHECK(window.window() == most);
  window.saw(messages_of(4u << 20, 1));
  CHECK(window.window() == 32);
  for (int turn = 0; turn < 40; ++turn)
    window.saw(messages_of(128, window.window()));
  CHECK(window.window() == most);
}
