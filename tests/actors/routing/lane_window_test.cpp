#include "actors/routing/lane_window.hpp"
#include "actors/routing/route.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <numeric>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

constexpr elapsed_time at{1000ms};

stored_block make_block(std::uint64_t first, std::uint32_t count,
                        elapsed_time expires = never_expires,
                        wall_time enqueued = wall_time{1000ms}) {
  block_builder builder{enqueued};
  const auto head = std::make_shared<const message_head>();
  for (std::uint32_t i = 0; i < count; ++i)
    builder.add(head, std::to_string(first + i), expires);
  return {first, builder.finish()};
}

lane_window empty_lane(std::size_t memory = 1 << 20) {
  lane_window made{lane_status{lane_id{1}, {"iothub", 0}}};
  made.hold(memory, memory + (4 << 20));
  return made;
}

std::vector<std::uint64_t> offsets(const std::vector<delivery>& items) {
  std::vector<std::uint64_t> all;
  for (const auto& item : items)
    for (auto i = item.from; i < item.to; ++i)
      all.push_back(item.block.first + i);
  return all;
}

std::vector<std::uint64_t> take(lane_window& lane, std::uint32_t credit,
                                elapsed_time now = at) {
  std::vector<delivery> items;
  lane.take(credit, now, lane_window::moment{5s}, items);
  return offsets(items);
}

delivered_range answer(std::uint64_t first, std::uint32_t count,
                       delivery_result how = delivery_result::done) {
  return {lane_id{1}, first, count, how};
}

std::uint64_t settled(lane_window& lane, outcome how) {
  std::uint64_t first = 0;
  const auto runs = lane.advance(first);
  return std::accumulate(runs.begin(), runs.end(), std::uint64_t{0},
                         [how](auto sum, const auto& run) {
                           return sum + (run.how == how ? run.count : 0);
                         });
}

using list = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("a lane gives no more than the credit, in order", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 3), make_block(3, 3)});
  CHECK(take(lane, 4) == list{0, 1, 2, 3});
  CHECK(take(lane, 4) == list{4, 5});
  CHECK(take(lane, 4).empty());
}

TEST_CASE("the cursor passes only the finished head", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 5)});
  take(lane, 5);
  CHECK(lane.answered(answer(1, 2)) == 2);
  CHECK(settled(lane, outcome::delivered) == 0);
  CHECK(lane.answered(answer(0, 1)) == 1);
  CHECK(settled(lane, outcome::delivered) == 3);
  CHECK(lane.cursor() == 3);
  SECTION("an answer that comes twice counts once") {
    CHECK(lane.answered(answer(0, 3)) == 0);
  }
}

TEST_CASE("only what failed is sent again, before anything new", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 6)});
  take(lane, 4);
  lane.answered(answer(0, 1));
  lane.answered(answer(2, 1));
  lane.answered(answer(1, 1, delivery_result::retry));
  lane.answered(answer(3, 1, delivery_result::retry));
  CHECK(settled(lane, outcome::delivered) == 1);
  CHECK(take(lane, 1) == list{1});
  CHECK(take(lane, 9) == list{3, 4, 5});
}

TEST_CASE("poison is passed over and counted as rejected", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 2)});
  take(lane, 2);
  lane.answered(answer(0, 2, delivery_result::poison));
  CHECK(settled(lane, outcome::rejected) == 2);
  CHECK(lane.pending() == 0);
}

TEST_CASE("expired messages are never given to the target", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 2, at + 10ms), make_block(2, 1)});
  CHECK(take(lane, 9, at + 10ms) == list{2});
  CHECK(settled(lane, outcome::expired) == 2);
}

TEST_CASE("without a target the head still expires", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 2, at + 10ms), make_block(2, 1)});
  lane.expire(at + 11ms);
  CHECK(settled(lane, outcome::expired) == 2);
  CHECK(lane.pending() == 1);
}

TEST_CASE("a backlog stays on disk beyond the memory bound", "[route]") {
  auto lane = empty_lane(1);
  lane.stored({make_block(0, 2), make_block(2, 2)});
  CHECK(take(lane, 9) == list{0, 1});
  REQUIRE(lane.wants_read() == 2u);
  lane.reading();
  CHECK_FALSE(lane.wants_read());
  SECTION("blocks stored meanwhile come in order, once") {
    lane.stored({make_block(4, 1)});
    lane.loaded(2, {make_block(2, 2), make_block(4, 1)});
    CHECK(take(lane, 9) == list{2, 3, 4});
    CHECK(lane.end() == 5);
  }
  SECTION("a gap on disk is passed over as rejected") {
    lane.loaded(2, {});
    lane.answered(answer(0, 2));
    CHECK(settled(lane, outcome::rejected) == 2);
  }
}

TEST_CASE("a restart begins in the middle of a block", "[route]") {
  lane_status status{lane_id{1}, {"iothub", 0}};
  status.cursor = 2;
  status.next = 4;
  lane_window lane{status};
  lane.hold(1 << 20, 2 << 20);
  CHECK(lane.wants_read() == 2u);
  lane.reading();
  lane.loaded(2, {make_block(0, 4)});
  CHECK(take(lane, 9) == list{2, 3});
}

TEST_CASE("a lane whose target is away holds nothing", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 3), make_block(3, 3)});
  take(lane, 4);
  lane.answered(answer(1, 1));
  lane.target_lost();
  lane.let_go();
  CHECK_FALSE(lane.wants_read());
  lane.stored({make_block(6, 2)});
  CHECK(take(lane, 9).empty());
  SECTION("and reads everything back for the next one, but what was done") {
    lane.hold(1 << 20, 2 << 20);
    REQUIRE(lane.wants_read() == 0u);
    lane.reading();
    lane.loaded(0, {make_block(0, 3)});
    CHECK(take(lane, 9) == list{0, 2});
    REQUIRE(lane.wants_read() == 3u);
    lane.reading();
    lane.loaded(3, {make_block(3, 3), make_block(6, 2)});
    CHECK(take(lane, 9) == list{3, 4, 5, 6, 7});
  }
  SECTION("a read that was under way is of no use then") {
    lane.hold(1 << 20, 2 << 20);
    lane.reading();
    lane.let_go();
    lane.loaded(0, {make_block(0, 3)});
    lane.hold(1 << 20, 2 << 20);
    CHECK(take(lane, 9).empty());
    CHECK(lane.wants_read() == 0u);
  }
  SECTION("damage among what was given is passed over") {
    lane.hold(1 << 20, 2 << 20);
    lane.reading();
    lane.loaded(0, {make_block(4, 2), make_block(6, 2)});
    CHECK(settled(lane, outcome::rejected) == 3);
    CHECK(take(lane, 9) == list{4, 5, 6, 7});
  }
}

TEST_CASE("what has expired on disk is found without a target", "[route]") {
  lane_status status{lane_id{1}, {"iothub", 0}};
  status.next = 8;
  lane_window lane{status};
  CHECK_FALSE(lane.wants_read());
  REQUIRE(lane.must_look(at));
  lane.look();
  REQUIRE(lane.wants_read() == 0u);
  lane.reading();
  lane.loaded(0, {make_block(0, 3, at)});
  lane.expire(at);
  CHECK(settled(lane, outcome::expired) == 3);
  REQUIRE(lane.looking());
  REQUIRE(lane.wants_read() == 3u);
  lane.reading();
  lane.loaded(3, {make_block(3, 1, at), make_block(4, 4, at + 9s)});
  lane.expire(at);
  CHECK(settled(lane, outcome::expired) == 1);
  CHECK_FALSE(lane.looking());
  lane.let_go();
  SECTION("and the disk is left alone until the first one expires") {
    CHECK_FALSE(lane.must_look(at + 8s));
    CHECK(lane.must_look(at + 9s));
  }
  SECTION("or it is gone") {
    lane.evicted(6);
    CHECK(lane.must_look(at + 8s));
  }
}

TEST_CASE("a retry that lives keeps what is behind it", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 2, at + 9s), make_block(2, 2, at)});
  take(lane, 2, at - 1s);
  lane.target_lost();
  lane.expire(at);
  CHECK(settled(lane, outcome::expired) == 0);
  CHECK(lane.pending() == 4);
  lane.expire(at + 9s);
  CHECK(settled(lane, outcome::expired) == 4);
}

TEST_CASE("a lane says what is next, and how old that is", "[route]") {
  auto lane = empty_lane();
  CHECK_FALSE(lane.next());
  lane.stored({make_block(0, 3, never_expires, wall_time{7ms}),
               make_block(3, 2, never_expires, wall_time{9ms})});
  REQUIRE(lane.next());
  CHECK(lane.next()->enqueued == wall_time{7ms});
  take(lane, 4);
  CHECK(lane.next()->enqueued == wall_time{9ms});
  CHECK(lane.next()->count == 1);
  lane.answered(answer(1, 1, delivery_result::retry));
  CHECK(lane.next()->enqueued == wall_time{7ms});
  CHECK(lane.next()->count == 2);
}

namespace {

/// Processor time that `count` senders' blocks of one message each take on
/// their way through a lane, answered in the order of the senders.
double cost_of(std::uint64_t count) {
  auto lane = empty_lane(1u << 30);
  std::vector<stored_block> blocks;
  for (std::uint64_t i = 0; i < count; ++i)
    blocks.push_back(make_block(i, 1));
  const auto now = [] {
    timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec)
           + static_cast<double>(spent.tv_nsec) * 1e-9;
  };
  const auto start = now();
  lane.stored(blocks);
  take(lane, static_cast<std::uint32_t>(count));
  constexpr std::uint64_t senders = 20;
  std::size_t seen = 0;
  for (std::uint64_t sender = senders; sender-- > 0;)
    for (auto i = sender; i < count; i += senders) {
      lane.answered(answer(i, 1));
      lane.each_stretch(i, 1, [&](const block&, auto, auto, auto given) {
        seen += given == lane_window::moment{5s};
      });
    }
  CHECK(seen == count);
  CHECK(settled(lane, outcome::delivered) == count);
  lane.forget_done();
  return now() - start;
}

} // namespace

TEST_CASE("many senders' messages cost what they are, not their square",
          "[route]") {
  // The least of three, for what else the machine does.
  const auto least = [](std::uint64_t count) {
    return std::min({cost_of(count), cost_of(count), cost_of(count)});
  };
  CHECK(least(40'000) < 10 * least(10'000));
}

TEST_CASE("a lost target gets everything outstanding again", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 3)});
  take(lane, 3);
  lane.answered(answer(1, 1));
  lane.target_lost();
  CHECK(take(lane, 9) == list{0, 2});
}

TEST_CASE("eviction moves everything forward", "[route]") {
  auto lane = empty_lane();
  lane.stored({make_block(0, 4)});
  take(lane, 2);
  CHECK(lane.evicted(3) == 2);
  CHECK(lane.answered(answer(0, 2)) == 0);
  CHECK(take(lane, 9) == list{3});
}

TEST_CASE("the pause between attempts grows to a minute", "[route]") {
  CHECK(retry_pause(1000ms, 0, 1.0) == 1000ms);
  CHECK(retry_pause(1000ms, 1, 0.8) == 1800ms);
  CHECK(retry_pause(1000ms, 3, 1.2) == 9400ms);
  CHECK(retry_pause(1000ms, 10, 1.0) == 60s);
  CHECK(retry_pause(1000ms, 4'000'000'000u, 1.0) == 60s);
}

TEST_CASE("one that its target keeps back makes others wait past a bound only",
          "[route]") {
  SECTION("of messages") {
    constexpr auto most = lane_window::most_unsettled;
    auto lane = empty_lane(64 << 20);
    lane.stored({make_block(0, most + 10)});
    CHECK(take(lane, most + 5).size() == most);
    lane.answered(answer(1, most - 1)); // all but the first
    CHECK(settled(lane, outcome::delivered) == 0);
    CHECK(take(lane, 5).empty());
    CHECK(lane.unsent());
    lane.answered(answer(0, 1));
    CHECK(settled(lane, outcome::delivered) == most);
    CHECK(take(lane, 100).size() == 10);
  }
  SECTION("of memory") {
    auto lane = empty_lane(1);
    const auto block = make_block(0, 2);
    const auto size = block.data->encoded().size();
    lane.hold(size, 3 * size);
    lane.stored({block});
    take(lane, 2);
    lane.answered(answer(1, 1));
    std::uint64_t next = 2;
    lane.stored({make_block(2, 2), make_block(4, 2), make_block(6, 2)});
    while (const auto from = lane.wants_read()) {
      REQUIRE(*from == next);
      REQUIRE(next < 8);
      lane.reading();
      lane.loaded(next, {make_block(next, 2)});
      next += 2;
      take(lane, 2);
    }
    CHECK(next == 6);
    lane.answered(answer(0, 6));
    std::uint64_t first = 0;
    lane.advance(first);
    lane.forget_done();
    CHECK(lane.wants_read() == 6u);
  }
}
