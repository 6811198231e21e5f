#include "actors/routing/lane_window.hpp"
#include "actors/routing/route.hpp"

#include <catch2/catch.hpp>
#include <numeric>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

constexpr wall_time at{1000ms};

stored_block make_block(std::uint64_t first, std::uint32_t count,
                        wall_time expires = no_expiry) {
  block_builder builder{at};
  const auto head = std::make_shared<const message_head>();
  for (std::uint32_t i = 0; i < count; ++i)
    builder.add(head, std::to_string(first + i), expires);
  return {first, builder.finish()};
}

lane_window empty_lane(std::size_t memory = 1 << 20) {
  return lane_window{lane_status{lane_id{1}, {"iothub", 0}}, memory};
}

std::vector<std::uint64_t> offsets(const std::vector<delivery>& items) {
  std::vector<std::uint64_t> all;
  for (const auto& item : items)
    for (auto i = item.from; i < item.to; ++i)
      all.push_back(item.block.first + i);
  return all;
}

std::vector<std::uint64_t> take(lane_window& lane, std::uint32_t credit,
                                wall_time now = at) {
  std::vector<delivery> items;
  lane.take(credit, now, items);
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
    lane.loaded({make_block(2, 2), make_block(4, 1)});
    CHECK(take(lane, 9) == list{2, 3, 4});
    CHECK(lane.end() == 5);
  }
  SECTION("a gap on disk is passed over as rejected") {
    lane.loaded({});
    lane.answered(answer(0, 2));
    CHECK(settled(lane, outcome::rejected) == 2);
  }
}

TEST_CASE("a restart begins in the middle of a block", "[route]") {
  lane_status status{lane_id{1}, {"iothub", 0}};
  status.cursor = 2;
  status.next = 4;
  lane_window lane{status, 1 << 20};
  CHECK(lane.wants_read() == 2u);
  lane.reading();
  lane.loaded({make_block(0, 4)});
  CHECK(take(lane, 9) == list{2, 3});
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
