#include "actors/identity/ask_budget.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using budget = ask_budget<std::chrono::sys_seconds>;
constexpr std::chrono::sys_seconds start{1'000'000s};

/// How many of `tries` are granted at `now`.
int granted(budget& from, std::chrono::sys_seconds now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i)
    count += from.take(now, 3, 10s) ? 1 : 0;
  return count;
}

} // namespace

TEST_CASE("a budget has a burst, then one per gap", "[identity]") {
  budget subject;
  CHECK(granted(subject, start, 100) == 3);
  CHECK(granted(subject, start + 9s, 100) == 0);
  CHECK(granted(subject, start + 10s, 100) == 1);
  CHECK_FALSE(subject.untouched(start + 39s));
  CHECK(subject.untouched(start + 40s));
  CHECK(granted(subject, start + 60s, 100) == 3);
}

TEST_CASE("one who never stops gets no more than one per gap", "[identity]") {
  budget subject;
  int count = 0;
  for (auto now = start; now < start + 1000s; now += 1s)
    count += granted(subject, now, 5);
  CHECK(count == 3 + 99);
}

TEST_CASE("a clock that was set back blocks nobody", "[identity]") {
  budget subject;
  CHECK(granted(subject, start, 100) == 3);
  CHECK(granted(subject, start - 3600s, 1) == 1);
}
