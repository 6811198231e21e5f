#include "messages/deployment/moment.hpp"

#include <catch2/catch.hpp>

using tidegate::deployment::parse_moment;

namespace {

constexpr std::int64_t now = 1'767'323'045'678; // 2026-01-02T03:04:05.678Z
constexpr std::int64_t minute = 60'000;
constexpr std::int64_t day = 24 * 60 * minute;

} // namespace

TEST_CASE("a moment is a time, seconds, or how long ago", "[deployment]") {
  CHECK(parse_moment("2026-01-02T03:04:05.678Z", 0) == now);
  CHECK(parse_moment("2026-01-02T04:04:05.678+01:00", 0) == now);
  CHECK(parse_moment("1767323045", 0) == now - 678);
  CHECK(parse_moment("0", now) == 0);
  CHECK(parse_moment("90m", now) == now - 90 * minute);
  CHECK(parse_moment("1d", now) == now - day);
  CHECK(parse_moment("1 day", now) == now - day);
  CHECK(parse_moment("2 days 3h", now) == now - 2 * day - 180 * minute);
  CHECK(parse_moment("1w1s", now) == now - 7 * day - 1000);
  CHECK(parse_moment("0s", now) == now);
}

TEST_CASE("no moment lies before 1970", "[deployment]") {
  CHECK(parse_moment("60000d", now) == 0);
  CHECK(parse_moment("1960-01-01T00:00:00Z", now) == 0);
}

TEST_CASE("what is no moment is none", "[deployment]") {
  for (const char* text :
       {"", " ", "x", "d", "-1", "-1d", "1x", "1d x", "1d 5", "1.5h",
        "99999999999999999999", "9999999999999999999d", "9000000000000000000",
        "2026-13-01T00:00:00Z", "1day2"})
    CHECK_FALSE(parse_moment(text, now));
}
