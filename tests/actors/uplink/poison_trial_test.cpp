#include "actors/uplink/poison_trial.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

constexpr lane_id lane{9};

block_ptr block_of(const std::vector<std::string>& payloads) {
  block_builder builder{wall_time{}};
  const auto head = std::make_shared<const message_head>();
  for (const auto& payload : payloads)
    builder.add(head, payload);
  return builder.finish();
}

delivery all_of(const block_ptr& data, std::uint64_t first = 0) {
  return {lane, {first, data}, 0, data->size()};
}

trial_order about(std::uint64_t offset, std::size_t size = 5) {
  return {{lane, offset, size}, false, {}, 0u};
}

using step = poison_trial::step;
const poison_trial::clock::time_point start{};

} // namespace

TEST_CASE("a trial keeps the suspect and what is behind it back", "[poison]") {
  poison_trial subject{about(2)};
  const auto now = subject.take({}, all_of(block_of({"0", "1", "large", "3"})));
  REQUIRE(now.size() == 1);
  CHECK(now[0].records.from == 0);
  CHECK(now[0].records.to == 2);
  CHECK(subject.take({}, all_of(block_of({"4"}), 4)).empty());
  REQUIRE(subject.next(start) == step::probe);
  CHECK(subject.probe().data->payload(subject.probe().at) == "3");
  CHECK(subject.next(start) == step::wait);
  subject.probed(true);
  REQUIRE(subject.next(start) == step::send);
  CHECK(subject.records().records.from == 2);
  CHECK(subject.records().records.to == 3);
  CHECK(subject.leave().size() == 2);
}

TEST_CASE("what is behind a suspect that was taken is sent one by one",
          "[poison]") {
  poison_trial subject{about(0)};
  CHECK(subject.take({}, all_of(block_of({"large", "1", "2"}))).empty());
  REQUIRE(subject.next(start) == step::probe);
  subject.probed(true);
  REQUIRE(subject.next(start) == step::send);
  for (std::uint32_t at = 1; at < 3; ++at) {
    REQUIRE(subject.next(start) == step::send);
    CHECK(subject.records().records.from == at);
    CHECK(subject.suspect().offset == at);
    CHECK(subject.tells(start));
  }
  CHECK(subject.next(start) == step::over);
  CHECK(subject.leave().empty());
}

TEST_CASE("the probe is one that was taken before", "[poison]") {
  auto order = about(0);
  const auto given = all_of(block_of({"large", "xyz", "x", "xy"}));
  const auto probe_of = [&] {
    poison_trial subject{order};
    CHECK(subject.take({}, given).empty());
    REQUIRE(subject.next(start) == step::probe);
    return std::string{subject.probe().data->payload(subject.probe().at)};
  };
  order.probe = {block_of({"1234"}), 0};
  CHECK(probe_of() == "1234");
  SECTION("or else the smallest from behind the suspect") {
    order.probe.reset();
    CHECK(probe_of() == "x");
    SECTION("and when that did not help, each of them in turn") {
      order.from_behind = 1;
      CHECK(probe_of() == "xyz");
      order.from_behind = 6;
      CHECK(probe_of() == "xy");
    }
  }
}

TEST_CASE("an end tells only after the probe, and soon", "[poison]") {
  auto order = about(0);
  SECTION("with a probe") {
    order.probe = {block_of({"1"}), 0};
    poison_trial subject{order};
    CHECK(subject.take({}, all_of(block_of({"large"}))).empty());
    REQUIRE(subject.next(start) == step::probe);
    CHECK_FALSE(subject.tells(start));
    SECTION("that was taken") {
      subject.probed(true);
      REQUIRE(subject.next(start) == step::send);
      CHECK(subject.tells(start + 5s));
      CHECK_FALSE(subject.tells(start + 6s));
    }
    SECTION("that was not") {
      subject.probed(false);
      REQUIRE(subject.next(start) == step::send);
      CHECK_FALSE(subject.tells(start));
    }
  }
  SECTION("without one the suspect is sent, and an end tells nothing") {
    order.from_behind.reset();
    poison_trial subject{order};
    CHECK(subject.next(start) == step::wait);
    CHECK(subject.take({}, all_of(block_of({"large"}))).empty());
    REQUIRE(subject.next(start) == step::send);
    CHECK(subject.unproved());
    CHECK_FALSE(subject.tells(start));
  }
  SECTION("a large one takes its time") {
    order.suspect.size = 163'840;
    order.probe = {block_of({"1"}), 0};
    poison_trial subject{order};
    CHECK(subject.take({}, all_of(block_of({"large"}))).empty());
    CHECK(subject.next(start) == step::probe);
    subject.probed(true);
    CHECK(subject.next(start) == step::send);
    CHECK(subject.tells(start + 15s));
  }
}

TEST_CASE("a suspect that has gone ends the trial", "[poison]") {
  poison_trial subject{about(2)};
  const auto now = subject.take({}, all_of(block_of({"3", "4"}), 3));
  CHECK(now.size() == 1);
  CHECK(subject.next(start) == step::over);
  CHECK(subject.leave().empty());
}

TEST_CASE("other lanes go on until the suspect comes", "[poison]") {
  poison_trial subject{about(2)};
  auto other = all_of(block_of({"a"}), 7);
  other.lane = lane_id{1};
  CHECK(subject.take({}, other).size() == 1);
  CHECK(subject.next(start) == step::wait);
}

TEST_CASE("a suspect that is to be given up is not sent", "[poison]") {
  auto order = about(0);
  order.give_up = true;
  poison_trial subject{order};
  CHECK(subject.take({}, all_of(block_of({"large", "1"}))).empty());
  CHECK(subject.next(start) == step::give_up);
}
