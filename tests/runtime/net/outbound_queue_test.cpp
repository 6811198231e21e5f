#include "runtime/net/outbound_queue.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <thread>

using namespace tidegate;

namespace {

/// Takes up to `most` bytes out of the front.
std::string take(outbound_queue& queue, std::size_t most) {
  std::array<iovec, 3> pieces;
  std::string taken;
  for (const auto& piece : queue.front(pieces))
    taken.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  taken.resize(std::min(taken.size(), most));
  queue.pop(taken.size());
  return taken;
}

} // namespace

TEST_CASE("bytes leave in the order they were queued, in any portions",
          "[net]") {
  CHECK(rc::check([](const std::vector<std::string>& texts) {
    outbound_queue queue;
    std::string in;
    std::string out;
    for (const auto& text : texts) {
      in += text;
      RC_ASSERT(queue.push(own(text)) == in.size() - out.size());
      out += take(queue, *rc::gen::inRange<std::size_t>(0, 30));
    }
    while (queue.waiting() > 0)
      out += take(queue, 7);
    RC_ASSERT(out == in);
    std::array<iovec, 1> none;
    RC_ASSERT(queue.front(none).empty());
  }));
}

TEST_CASE("any thread may queue while the owner sends", "[net]") {
  constexpr std::size_t count = 20'000;
  outbound_queue queue;
  const auto writer = [&](char letter) {
    return std::thread{[&queue, letter] {
      for (std::size_t i = 0; i < count; ++i)
        queue.push(own(std::string(3, letter)));
    }};
  };
  auto first = writer('a');
  auto second = writer('b');
  std::string out;
  while (out.size() < 2 * 3 * count)
    out += take(queue, 1000);
  first.join();
  second.join();
  CHECK(std::count(out.begin(), out.end(), 'a') == 3 * count);
  CHECK(queue.waiting() == 0);
}
