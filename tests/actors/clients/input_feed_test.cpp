#include "actors/clients/input_feed.hpp"

#include "messages/iothub/telemetry_head.hpp"
#include "messages/mqtt/decode.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

using namespace tidegate;

namespace {

/// A client that reads what the feed sends and acknowledges when told to.
struct reader {
  std::deque<std::uint16_t> unacknowledged;
  std::vector<std::string> payloads;

  void read(const std::string& text) {
    mqtt::packet_cursor cursor{text};
    mqtt::raw_packet raw;
    while (cursor.next(raw)) {
      const auto decoded = mqtt::decode_publish(raw);
      RC_ASSERT(decoded);
      RC_ASSERT(decoded.packet.quality == mqtt::qos::at_least_once);
      for (const auto id : unacknowledged)
        RC_ASSERT(id != decoded.packet.packet_id);
      unacknowledged.push_back(decoded.packet.packet_id);
      payloads.emplace_back(decoded.packet.payload);
    }
  }
};

/// Whether each offset of a lane has been answered.
struct tally {
  std::vector<unsigned> answers;

  void take(input_feed& feed) {
    for (const auto& [route, given] : feed.take_answers())
      for (const auto& range : given.ranges)
        for (std::uint32_t i = 0; i < range.count; ++i)
          ++answers.at(range.first + i);
  }
};

stored_block block_of(std::uint64_t first, std::uint32_t count,
                      const head_ptr& head) {
  block_builder builder{{}};
  for (std::uint32_t i = 0; i < count; ++i)
    builder.add(head, std::to_string(first + i));
  return {first, builder.finish()};
}

} // namespace

TEST_CASE("whatever the pace, messages go in order and are answered once",
          "[mqtt]") {
  rc::prop("feed", [] {
    const auto window = *rc::gen::inRange<std::uint32_t>(1, 20);
    const auto bytes = *rc::gen::inRange<std::size_t>(1, 40);
    input_feed feed{{"edge-1", "filter"}, {window, bytes}};
    subscription_set subscriptions{5};
    subscriptions.add({"#", mqtt::qos::at_least_once});
    const auto head = make_head({"edge-1", "pump"}, {});
    reader client;
    tally done;
    std::uint64_t next = 0;
    std::string out;
    const auto steps
      = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
    const auto send = [&] {
      out.clear();
      feed.send(subscriptions, out);
      client.read(out);
      RC_ASSERT(client.unacknowledged.size() == feed.in_flight());
      RC_ASSERT(feed.in_flight() <= window);
      done.take(feed);
    };
    for (const auto step : steps) {
      if (step == 0) {
        const auto count = *rc::gen::inRange<std::uint32_t>(1, 30);
        feed.take(
          {{}, "in1", {{lane_id{1}, block_of(next, count, head), 0, count}}});
        next += count;
        done.answers.resize(next);
      } else {
        const auto count = *rc::gen::inRange<std::size_t>(0, 30);
        for (std::size_t i = 0; i < count && !client.unacknowledged.empty();
             ++i) {
          RC_ASSERT(feed.acknowledge(client.unacknowledged.front()));
          client.unacknowledged.pop_front();
        }
      }
      send();
    }
    while (!client.unacknowledged.empty()) {
      RC_ASSERT(feed.acknowledge(client.unacknowledged.front()));
      client.unacknowledged.pop_front();
      send();
    }
    RC_ASSERT(client.payloads.size() == next);
    for (std::uint64_t i = 0; i < next; ++i) {
      RC_ASSERT(client.payloads[i] == std::to_string(i));
      RC_ASSERT(done.answers[i] == 1u);
    }
  });
}

TEST_CASE("giving up answers everything, once, and starts afresh", "[mqtt]") {
  input_feed feed{{"edge-1", "filter"}, {3, 1000}};
  subscription_set subscriptions{5};
  subscriptions.add({"#", mqtt::qos::at_least_once});
  const auto head = make_head({"edge-1", "pump"}, {});
  feed.take({{}, "in1", {{lane_id{1}, block_of(0, 5, head), 0, 5}}});
  std::string out;
  feed.send(subscriptions, out);
  CHECK(feed.acknowledge(1));
  feed.give_up();
  const auto answers = feed.take_answers();
  REQUIRE(answers.size() == 1);
  REQUIRE(answers[0].ranges.ranges.size() == 2);
  CHECK(answers[0].ranges.ranges[0].result == delivery_result::done);
  CHECK(answers[0].ranges.ranges[1].result == delivery_result::retry);
  CHECK(answers[0].ranges.ranges[1].first == 1);
  CHECK(answers[0].ranges.ranges[1].count == 4);
  CHECK(feed.in_flight() == 0);
  CHECK_FALSE(feed.acknowledge(2));
}
