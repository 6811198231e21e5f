#include "actors/uplink/reconnect_delay.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

using namespace tidegate;
using namespace std::chrono_literals;

TEST_CASE("the wait for the parent doubles up to its longest", "[uplink]") {
  const reconnect_policy policy{1s, 60s, 30s};
  CHECK(reconnect_delay(policy, 0, 0.9) == 0ms);
  CHECK(reconnect_delay(policy, 1, 0.5) == 500ms);
  CHECK(reconnect_delay(policy, 2, 0.5) == 1s);
  CHECK(reconnect_delay(policy, 4, 0.5) == 4s);
  CHECK(reconnect_delay(policy, 7, 0.5) == 30s);
  CHECK(reconnect_delay(policy, 4'000'000'000u, 0.5) == 30s);
}

TEST_CASE("the wait for the parent is anything below its ceiling", "[uplink]") {
  rc::prop("jitter is full", [] {
    const reconnect_policy policy;
    const auto failures = *rc::gen::arbitrary<unsigned>();
    const auto random = *rc::gen::inRange(0, 1000) / 1000.0;
    const auto delay = reconnect_delay(policy, failures, random);
    RC_ASSERT(delay >= 0ms);
    RC_ASSERT(delay < policy.longest);
  });
}
