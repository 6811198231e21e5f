#include "storage/elapsed_counter.hpp"
#include "storage/time_mark.hpp"
#include "support/lane_fixture.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{1'700'000'000'000ms};

/// A machine whose clocks a test moves.
struct machine {
  clock_reading says{noon, 1h, "first"};

  void pass(std::chrono::milliseconds time) {
    says.wall += time;
    says.since_boot += time;
  }
  /// Off for `time`; its clock then reads wrong by `error`.
  void start_again(std::chrono::milliseconds time,
                   std::chrono::milliseconds error = 0ms) {
    says.wall += time + error;
    says.since_boot = 20s;
    says.boot += '+';
  }
  machine_clocks clocks() {
    return {[this] { return says.wall; }, [this] { return says.since_boot; },
            says.boot};
  }
};

struct fixture : lane_fixture {
  machine on;
  std::shared_ptr<elapsed_counter> counter = make();

  std::shared_ptr<elapsed_counter> make() {
    auto made = elapsed_counter::open(db, on.clocks());
    INFO(why(made));
    REQUIRE(made);
    return *made;
  }

  /// The process ends, and with it whatever it had in memory.
  void restart() {
    counter.reset();
    open();
    counter = make();
  }

  /// A second of the store's upkeep.
  void live(std::chrono::seconds time) {
    for (auto i = 0s; i < time; ++i) {
      on.pass(1s);
      REQUIRE_FALSE(counter->keep_mark());
    }
  }
};

} // namespace

TEST_CASE("counting begins at the wall clock", "[time]") {
  CHECK(resume(std::nullopt, {noon, 1h, "a"}).time_since_epoch()
        == noon.time_since_epoch());
}

TEST_CASE("within one boot the wall clock does not count", "[time]") {
  const time_mark mark{elapsed_time{5h}, {noon, 1h, "a"}};
  CHECK(resume(mark, {noon + 400 * 24h, 1h + 7s, "a"})
        == elapsed_time{5h} + 7s);
  CHECK(resume(mark, {noon - 24h, 1h + 7s, "a"}) == elapsed_time{5h} + 7s);
}

TEST_CASE("across boots the wall clock's difference counts", "[time]") {
  const time_mark mark{elapsed_time{5h}, {noon, 1h, "a"}};
  CHECK(resume(mark, {noon + 3h, 20s, "b"}) == elapsed_time{8h});
  SECTION("but at least the time since the start") {
    CHECK(resume(mark, {wall_time{}, 20s, "b"}) == elapsed_time{5h} + 20s);
  }
  SECTION("also where the boot is not known") {
    const time_mark unnamed{elapsed_time{5h}, {noon, 1h, ""}};
    CHECK(resume(unnamed, {noon + 3h, 2h, ""}) == elapsed_time{8h});
  }
}

TEST_CASE("a mark reads back as it was written", "[time]") {
  rc::prop("any mark", [](std::int64_t elapsed, std::int64_t wall,
                          std::int64_t boot, const std::string& id) {
    const time_mark mark{elapsed_time{std::chrono::milliseconds{elapsed}},
                         {wall_time{std::chrono::milliseconds{wall}},
                          std::chrono::milliseconds{boot}, id}};
    RC_ASSERT(decode_time_mark(encode_time_mark(mark)) == mark);
  });
  rc::prop("any text", [](const std::string& text) {
    static_cast<void>(decode_time_mark(text));
  });
  CHECK_FALSE(decode_time_mark(""));
  CHECK_FALSE(decode_time_mark(encode_time_mark({}) + 'x'));
}

TEST_CASE_METHOD(fixture, "time goes on where a node stopped", "[time]") {
  const auto before = counter->now();
  live(40s);
  CHECK(counter->now() == before + 40s);
  on.pass(10min);
  restart();
  CHECK(counter->now() == before + 40s + 10min);
}

TEST_CASE_METHOD(fixture, "a step of the clock is no time", "[time]") {
  const auto before = counter->now();
  on.says.wall += 400 * 24h;
  live(5s);
  CHECK(counter->now() == before + 5s);
  SECTION("also when the machine fails a second later") {
    on.start_again(1h);
    restart();
    const auto passed = counter->now() - before;
    CHECK(passed <= 5s + 1h);
    CHECK(passed >= 1h);
  }
  SECTION("and back") {
    on.says.wall -= 400 * 24h;
    live(2s);
    on.start_again(1h);
    restart();
    CHECK(counter->now() - before <= 7s + 1h);
    CHECK(counter->now() - before >= 1h);
  }
}

TEST_CASE_METHOD(fixture, "a machine that starts without a clock gains nothing",
                 "[time]") {
  const auto before = counter->now();
  on.start_again(5h, -10 * 24h);
  restart();
  CHECK(counter->now() == before + 20s);
  // The network's time arrives.
  on.says.wall += 10 * 24h;
  live(3s);
  CHECK(counter->now() == before + 23s);
}

TEST_CASE_METHOD(fixture, "no more than half a minute is miscounted",
                 "[time]") {
  const auto before = counter->now();
  live(100s);
  const auto at = counter->now();
  on.start_again(0s);
  restart();
  CHECK(counter->now() >= at - 30s);
  CHECK(counter->now() <= at + 30s);
  CHECK(counter->now() > before);
}

TEST_CASE_METHOD(fixture, "a mark that cannot be read counts as none",
                 "[time]") {
  {
    const auto rocks = db->enter();
    REQUIRE(
      rocks->db->Put({}, rocks->family(partition::meta), "time", "nonsense")
        .ok());
  }
  restart();
  CHECK(counter->now().time_since_epoch() == on.says.wall.time_since_epoch());
}
