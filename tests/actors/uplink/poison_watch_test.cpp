#include "actors/uplink/poison_watch.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

constexpr lane_id lane{9};

sent_message message(std::uint64_t offset, std::size_t size = 100) {
  return {lane, offset, size};
}

session_end over(sent_message first) {
  session_end how;
  how.by_parent = true;
  how.first = first;
  return how;
}

session_end tried(sent_message first) {
  auto how = over(first);
  how.tried_alone = true;
  return how;
}

struct watched {
  poison_watch watch;

  void repeat(unsigned times, const session_end& how) {
    for (unsigned i = 0; i < times; ++i)
      watch.ended(how);
  }
  bool suspects(std::uint64_t offset) const {
    const auto order = watch.order();
    return order && order->suspect.is(lane, offset);
  }
  bool gives_up(std::uint64_t offset) const {
    return suspects(offset) && watch.order()->give_up;
  }
};

constexpr auto ends_needed = poison_watch::ends_until_trial;
constexpr auto trials = poison_watch::trials_until_given_up;

} // namespace

TEST_CASE_METHOD(watched,
                 "a message over which connections end is sent alone, then "
                 "given up",
                 "[poison]") {
  repeat(ends_needed - 1, over(message(7)));
  CHECK_FALSE(watch.order());
  watch.ended(over(message(7)));
  CHECK(suspects(7));
  repeat(trials - 1, tried(message(7)));
  CHECK_FALSE(gives_up(7));
  watch.ended(tried(message(7)));
  CHECK(gives_up(7));
  watch.settled(true);
  CHECK_FALSE(watch.order());
}

TEST_CASE_METHOD(watched, "what says nothing about a message is not counted",
                 "[poison]") {
  SECTION("an end that this node brought about, or no answers at all") {
    auto how = over(message(7));
    how.by_parent = false;
    repeat(100, how);
  }
  SECTION("an end with nothing on its way") {
    session_end how;
    how.by_parent = true;
    repeat(100, how);
  }
  SECTION("ends with progress in between") {
    for (std::uint64_t offset = 0; offset < 100; ++offset)
      repeat(ends_needed - 1, over(message(offset)));
  }
  CHECK_FALSE(watch.order());
}

TEST_CASE_METHOD(watched, "ends alone never give a message up", "[poison]") {
  repeat(1000, over(message(7)));
  CHECK(suspects(7));
  CHECK_FALSE(gives_up(7));
}

TEST_CASE_METHOD(watched, "a way that takes no other message clears it",
                 "[poison]") {
  repeat(ends_needed, over(message(7)));
  repeat(trials - 1, tried(message(7)));
  session_end lost;
  lost.by_parent = true;
  lost.probe_lost = true;
  watch.ended(lost);
  repeat(trials - 1, tried(message(7)));
  CHECK_FALSE(gives_up(7));
  watch.ended(tried(message(7)));
  CHECK(gives_up(7));
}

TEST_CASE_METHOD(watched,
                 "one that was alone when the connection ended is tried again",
                 "[poison]") {
  repeat(ends_needed, over(message(7)));
  watch.settled(false);
  watch.ended(tried(message(9)));
  CHECK(suspects(9));
  repeat(trials - 2, tried(message(9)));
  CHECK_FALSE(gives_up(9));
  watch.ended(tried(message(9)));
  CHECK(gives_up(9));
}

TEST_CASE_METHOD(watched, "an answer clears a suspect", "[poison]") {
  repeat(ends_needed, over(message(7)));
  repeat(trials - 1, tried(message(7)));
  watch.settled(false);
  CHECK_FALSE(watch.order());
  repeat(ends_needed, over(message(7)));
  repeat(trials - 1, tried(message(7)));
  CHECK_FALSE(gives_up(7));
}

TEST_CASE_METHOD(watched,
                 "one as large as one that was given up is tried at once",
                 "[poison]") {
  repeat(ends_needed, over(message(7)));
  repeat(trials, tried(message(7)));
  watch.settled(true);
  SECTION("and once") {
    watch.ended(over(message(8, 100)));
    CHECK(suspects(8));
    CHECK_FALSE(gives_up(8));
    watch.ended(tried(message(8, 100)));
    CHECK(gives_up(8));
  }
  SECTION("a smaller one is not") {
    watch.ended(over(message(8, 99)));
    CHECK_FALSE(watch.order());
  }
  SECTION("nor is any when one so large was taken after all") {
    watch.ended(over(message(8, 100)));
    watch.settled(false);
    watch.ended(over(message(9, 100)));
    CHECK_FALSE(watch.order());
  }
}

TEST_CASE_METHOD(watched,
                 "a message from behind is the probe when nothing else helps",
                 "[poison]") {
  repeat(ends_needed, over(message(7)));
  CHECK_FALSE(watch.order()->from_behind);
  auto alone = over(message(7));
  alone.alone_unproved = true;
  repeat(ends_needed, alone);
  CHECK(watch.order()->from_behind == 0u);
  session_end lost;
  lost.by_parent = lost.probe_lost = true;
  watch.ended(lost);
  CHECK(watch.order()->from_behind == 1u);
  CHECK_FALSE(gives_up(7));
}

TEST_CASE_METHOD(watched, "the probe is what the parent took last",
                 "[poison]") {
  block_builder builder{wall_time{}};
  builder.add(std::make_shared<const message_head>(), "x");
  const message_copy taken{builder.finish(), 0};
  auto how = over(message(7));
  how.taken = taken;
  watch.ended(how);
  repeat(ends_needed, over(message(7)));
  REQUIRE(watch.order()->probe);
  CHECK(watch.order()->probe->data == taken.data);
  SECTION("unless the connection ended over that as well") {
    session_end lost;
    lost.by_parent = lost.probe_lost = true;
    watch.ended(lost);
    CHECK_FALSE(watch.order()->probe);
  }
}
