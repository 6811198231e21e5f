#include "actors/uplink/connectivity.hpp"

#include "actors/uplink/parent_verdict.hpp"
#include "actors/uplink/progress_watch.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using change = connectivity::change;
using state = connectivity::state;

const connectivity::clock::time_point start{};

} // namespace

TEST_CASE("the parent is out of reach until it has answered", "[uplink]") {
  connectivity subject{start};
  CHECK(subject.is() == state::disconnected);
  CHECK(subject.failed(start + 1s) == change::none);
  CHECK(subject.succeeded(start + 5s) == change::regained);
  CHECK(subject.is() == state::connected);
  CHECK(subject.offline(start + 9s) == 5s);
}

TEST_CASE("one failure is tried again before it counts", "[uplink]") {
  connectivity subject{start};
  subject.succeeded(start);
  CHECK(subject.failed(start + 1s) == change::none);
  CHECK(subject.is() == state::trying);
  SECTION("with success") {
    CHECK(subject.succeeded(start + 2s) == change::none);
    CHECK(subject.is() == state::connected);
  }
  SECTION("without") {
    CHECK(subject.failed(start + 2s) == change::lost);
    CHECK(subject.is() == state::disconnected);
    CHECK(subject.failed(start + 3s) == change::none);
    CHECK(subject.offline(start + 7s) == 5s);
  }
}

TEST_CASE("a parent that takes and does not answer is noticed", "[uplink]") {
  progress_watch watch{20s};
  CHECK_FALSE(watch.stalled(start + 1h));
  watch.sent(5, start + 1h);
  CHECK_FALSE(watch.stalled(start + 1h + 19s));
  CHECK(watch.stalled(start + 1h + 20s));
  SECTION("any answer is progress") {
    watch.answered(1, start + 1h + 20s);
    CHECK_FALSE(watch.stalled(start + 1h + 39s));
    CHECK(watch.stalled(start + 1h + 40s));
  }
  SECTION("more work is not") {
    watch.sent(5, start + 1h + 19s);
    CHECK(watch.stalled(start + 1h + 20s));
  }
  SECTION("nor is it missed when nothing waits") {
    watch.answered(5, start + 1h + 1s);
    CHECK_FALSE(watch.stalled(start + 2h));
  }
}

TEST_CASE("troubles of the parent pass, faults of a message stay", "[uplink]") {
  for (const auto* condition :
       {"amqp:resource-limit-exceeded", "amqp:internal-error",
        "amqp:unauthorized-access", "com.microsoft:timeout",
        "com.microsoft:device-container-throttled"})
    CHECK(verdict_of_rejection(condition) == delivery_result::retry);
  for (const auto* condition :
       {"", "amqp:link:message-size-exceeded", "amqp:not-allowed",
        "com.microsoft:argument-error", "anything-else"})
    CHECK(verdict_of_rejection(condition) == delivery_result::poison);
}
