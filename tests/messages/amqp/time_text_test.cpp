#include "messages/amqp/time_text.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <limits>

using namespace tidegate::amqp;

TEST_CASE("times are written in the round-trip form", "[amqp]") {
  CHECK(time_text(1'767'323'045'006) == "2026-01-02T03:04:05.0060000Z");
  CHECK(time_text(-1) == "1969-12-31T23:59:59.9990000Z");
  SECTION("and stay within four digits of year") {
    CHECK(time_text(std::numeric_limits<std::int64_t>::max())
          == "9999-12-31T23:59:59.9990000Z");
    CHECK(time_text(std::numeric_limits<std::int64_t>::min())
          == "0001-01-01T00:00:00.0000000Z");
  }
}

TEST_CASE("times are read with any fraction and offset", "[amqp]") {
  const auto expected = 1'767'323'045'000;
  CHECK(parse_time("2026-01-02T03:04:05Z") == expected);
  CHECK(parse_time("2026-01-02T03:04:05") == expected);
  CHECK(parse_time("2026-01-02T03:04:05.5Z") == expected + 500);
  CHECK(parse_time("2026-01-02T03:04:05.0069999Z") == expected + 6);
  CHECK(parse_time("2026-01-02T04:34:05+01:30") == expected);
  CHECK(parse_time("2026-01-01T22:04:05-05:00") == expected);
}

TEST_CASE("texts that are no times are refused", "[amqp]") {
  for (const auto* text :
       {"", "now", "2026-01-02", "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z",
        "2026-01-02T24:04:05Z", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05+1:30",
        "0000-01-02T03:04:05Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("a time survives being written and read", "[amqp][property]") {
  rc::prop("any millisecond of the years 1 to 9999", [] {
    const auto at = *rc::gen::inRange<std::int64_t>(-62'135'596'800'000,
                                                    253'402'300'800'000);
    RC_ASSERT(parse_time(time_text(at)) == at);
  });
}
