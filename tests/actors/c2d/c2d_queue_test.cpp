#include "actors/c2d/c2d_queue.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <set>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

c2d_moment at(std::chrono::milliseconds since) {
  return {std::chrono::steady_clock::time_point{since},
          wall_time{1'000'000s + since}};
}

c2d_record message(std::uint64_t sequence, wall_time expires = no_expiry) {
  c2d_record made;
  made.device = "leaf";
  made.sequence = sequence;
  made.expires = expires;
  return made;
}

struct fixture {
  c2d_queue queue{{3, 1024, 2, 3, 60s}};

  fixture() {
    queue.add(message(1));
    queue.add(message(2));
    queue.add(message(3));
  }

  std::uint64_t lock(const std::string& token, c2d_moment now = at(0s)) {
    const auto* const next = queue.lock_next(token, now);
    return next ? next->sequence : 0;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "messages go out in order, several at a time",
                 "[c2d]") {
  CHECK(queue.full());
  CHECK(lock("a") == 1);
  CHECK(lock("b") == 2);
  CHECK(lock("c") == 0);
  const auto done = queue.decide("a", c2d_outcome::complete, at(1s));
  REQUIRE(done);
  CHECK(done->over.at(0).fate == c2d_fate::success);
  CHECK_FALSE(queue.full());
  CHECK(lock("c") == 3);
}

TEST_CASE_METHOD(fixture, "an outcome counts once, for its own attempt",
                 "[c2d]") {
  lock("a");
  CHECK_FALSE(queue.decide("b", c2d_outcome::complete, at(0s)));
  CHECK_FALSE(queue.decide("", c2d_outcome::complete, at(0s)));
  CHECK(queue.decide("a", c2d_outcome::reject, at(0s))->over.at(0).fate
        == c2d_fate::rejected);
  CHECK_FALSE(queue.decide("a", c2d_outcome::complete, at(0s)));
}

TEST_CASE_METHOD(fixture, "an attempt without effect is made again", "[c2d]") {
  lock("a");
  lock("b");
  SECTION("when the device abandons it") {
    const auto what = queue.decide("a", c2d_outcome::abandon, at(1s));
    CHECK(what->again.at(0).delivery_count == 1);
    CHECK(lock("c", at(1s)) == 1);
  }
  SECTION("when it takes too long") {
    CHECK(queue.next_due(at(1s)) == 59s);
    CHECK(queue.pass(at(59'999ms)).again.empty());
    CHECK(queue.pass(at(60s)).again.size() == 2);
    CHECK_FALSE(queue.decide("a", c2d_outcome::complete, at(61s)));
    CHECK(lock("c", at(61s)) == 1);
  }
  SECTION("when the device is gone") {
    CHECK(queue.release_all(at(1s)).again.size() == 2);
    CHECK(lock("c", at(1s)) == 1);
  }
  SECTION("but not too often") {
    queue.decide("a", c2d_outcome::abandon, at(1s));
    lock("c", at(1s));
    queue.decide("c", c2d_outcome::abandon, at(1s));
    lock("d", at(1s));
    const auto what = queue.decide("d", c2d_outcome::abandon, at(1s));
    CHECK(what->over.at(0).fate == c2d_fate::delivery_count_exceeded);
    CHECK(what->over.at(0).message.sequence == 1);
  }
}

TEST_CASE("a message expires while it waits, not on its way", "[c2d]") {
  c2d_queue queue{{}};
  queue.add(message(1, at(10s).wall));
  CHECK(queue.next_due(at(4s)) == 6s);
  SECTION("waiting") {
    CHECK_FALSE(queue.lock_next("a", at(10s)));
    CHECK(queue.pass(at(9s)).over.empty());
    CHECK(queue.pass(at(10s)).over.at(0).fate == c2d_fate::expired);
  }
  SECTION("on its way, taken") {
    queue.lock_next("a", at(9s));
    CHECK(queue.pass(at(11s)).over.empty());
    CHECK(queue.decide("a", c2d_outcome::complete, at(11s))->over.at(0).fate
          == c2d_fate::success);
  }
  SECTION("on its way, abandoned") {
    queue.lock_next("a", at(9s));
    CHECK(queue.decide("a", c2d_outcome::abandon, at(11s))->over.at(0).fate
          == c2d_fate::expired);
  }
  CHECK(queue.empty() == true);
}

TEST_CASE_METHOD(fixture, "a purge ends everything", "[c2d]") {
  lock("a");
  CHECK(queue.purge().over.size() == 3);
  CHECK(queue.empty());
  CHECK_FALSE(queue.decide("a", c2d_outcome::complete, at(0s)));
}

// Any run of additions, attempts, outcomes and time, against what a message's
// life may look like: it goes out in order, never expired, never twice at the
// same time or too often, and it ends once.
TEST_CASE("no run of events loses or repeats a message", "[c2d]") {
  rc::prop("queue", [] {
    const c2d_limits limits{6, 1024, 3, 3, 60s};
    c2d_queue queue{limits};
    std::map<std::uint64_t, c2d_record> waiting; // the model
    std::map<std::string, std::uint64_t> locked;
    std::set<std::uint64_t> over;
    std::uint64_t next = 0;
    std::chrono::milliseconds now{0};

    const auto take = [&](const c2d_queue::changes& what) {
      for (const auto& one : what.over) {
        const auto sequence = one.message.sequence;
        RC_ASSERT(over.insert(sequence).second);
        RC_ASSERT(waiting.erase(sequence) == 1u);
        if (one.fate == c2d_fate::expired)
          RC_ASSERT(one.message.expires <= at(now).wall);
        if (one.fate == c2d_fate::delivery_count_exceeded)
          RC_ASSERT(one.message.delivery_count == limits.deliveries);
        std::erase_if(locked,
                      [&](const auto& l) { return l.second == sequence; });
      }
      for (const auto& message : what.again) {
        auto& known = waiting.at(message.sequence);
        RC_ASSERT(message.delivery_count == known.delivery_count + 1);
        known = message;
        std::erase_if(
          locked, [&](const auto& l) { return l.second == message.sequence; });
      }
    };

    const auto steps = *rc::gen::inRange(1, 80);
    for (int step = 0; step < steps; ++step) {
      const auto kind = *rc::gen::inRange(0, 7);
      if (kind == 0 && !queue.full()) {
        const auto life = *rc::gen::inRange(0, 4);
        auto made
          = message(++next, life == 0 ? no_expiry : at(now + life * 30s).wall);
        waiting[made.sequence] = made;
        queue.add(made);
      } else if (kind <= 2) {
        const auto token = "t" + std::to_string(step);
        const auto* const got = queue.lock_next(token, at(now));
        // The first that is neither on its way nor expired.
        std::uint64_t expected = 0;
        for (const auto& [sequence, one] : waiting)
          if (expected == 0 && one.expires > at(now).wall
              && std::none_of(locked.begin(), locked.end(), [&](const auto& l) {
                   return l.second == sequence;
                 }))
            expected = sequence;
        if (locked.size() >= limits.in_flight)
          expected = 0;
        RC_ASSERT((got ? got->sequence : 0) == expected);
        if (got)
          locked[token] = got->sequence;
      } else if (kind == 3 && !locked.empty()) {
        const auto token = *rc::gen::elementOf(locked);
        const auto how = *rc::gen::element(
          c2d_outcome::complete, c2d_outcome::abandon, c2d_outcome::reject);
        const auto what = queue.decide(token.first, how, at(now));
        RC_ASSERT(what.has_value());
        take(*what);
        RC_ASSERT(locked.count(token.first) == 0u);
      } else if (kind == 4) {
        now += std::chrono::seconds{*rc::gen::inRange(1, 50)};
        take(queue.pass(at(now)));
      } else if (kind == 5 && *rc::gen::inRange(0, 4) == 0) {
        take(queue.release_all(at(now)));
        RC_ASSERT(locked.empty());
      } else {
        RC_ASSERT_FALSE(
          queue.decide("unknown", c2d_outcome::complete, at(now)).has_value());
      }
      RC_ASSERT(queue.entries().size() == waiting.size());
      RC_ASSERT(waiting.size() + over.size() == next);
    }
  });
}
