#include "actors/routing/event_search.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace tidegate;

namespace {

struct piece {
  std::uint64_t first;
  std::uint64_t end;
  int at; ///< when it was stored, ms
};

wall_time time(int ms) { return wall_time{std::chrono::milliseconds{ms}}; }

/// Searches a log of these blocks; counts how often it had to look.
std::uint64_t search(const std::vector<piece>& log, int after,
                     std::uint64_t oldest, std::uint64_t next,
                     int* looks = nullptr) {
  event_search subject{time(after), oldest, next};
  while (const auto probe = subject.probe()) {
    if (looks)
      ++*looks;
    const auto block
      = std::find_if(log.begin(), log.end(),
                     [&](const piece& one) { return one.end > *probe; });
    if (block == log.end())
      subject.saw_nothing();
    else
      subject.saw(block->first, block->end, time(block->at));
  }
  return subject.found();
}

} // namespace

TEST_CASE("the first event after a time is found", "[event_search]") {
  const std::vector<piece> log{{0, 4, 10}, {4, 5, 20}, {5, 9, 20}, {9, 10, 30}};
  CHECK(search(log, 5, 0, 10) == 0);
  CHECK(search(log, 10, 0, 10) == 4);
  CHECK(search(log, 19, 0, 10) == 4);
  CHECK(search(log, 20, 0, 10) == 9);
  CHECK(search(log, 30, 0, 10) == 10);
  CHECK(search(log, 5, 2, 10) == 2); // what was before is gone
  CHECK(search({}, 5, 7, 7) == 7);
}

TEST_CASE("lost blocks do not mislead the search", "[event_search]") {
  const std::vector<piece> log{{0, 2, 10}, {6, 8, 20}};
  CHECK(search(log, 15, 0, 8) <= 6);
  CHECK(search(log, 15, 0, 8) >= 2);
  CHECK(search(log, 25, 0, 12) == 8);
}

TEST_CASE("a long log is searched in few steps", "[event_search]") {
  std::vector<piece> log;
  for (std::uint64_t i = 0; i < 10'000; ++i)
    log.push_back({i, i + 1, static_cast<int>(i)});
  int looks = 0;
  CHECK(search(log, 7'000, 0, 10'000, &looks) == 7'001);
  CHECK(looks <= 15);
}
