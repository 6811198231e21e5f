#include "messages/iothub/telemetry_head.hpp"
#include "mqtt_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

const identity_id filter_module{"edge-1", "filter"};
const std::string inputs = "devices/edge-1/modules/filter/#";

head_ptr head_with(std::vector<property> bag = {}) {
  telemetry_facts facts;
  facts.bag = std::move(bag);
  return make_head({"edge-1", "pump"}, std::move(facts));
}

/// A module with inputs, and the route that feeds one of them.
struct module_node : mqtt_node {
  caf::actor feeder = sys.spawn([this](caf::event_based_actor*) {
    return caf::behavior{[this](const delivered& news) {
      answers.insert(answers.end(), news.ranges.begin(), news.ranges.end());
    }};
  });
  std::vector<delivered_range> answers;
  mqtt_connection* client = nullptr;

  ~module_node() {
    caf::anon_send_exit(feeder, caf::exit_reason::user_shutdown);
  }

  void join(unsigned quality = 1) {
    client = &connected(filter_module);
    arrive(*client, subscribe_packet(inputs, quality));
    client->take_written();
  }

  /// Delivers one message per payload, from offset `first` on.
  void give(const std::vector<std::string>& payloads, std::uint64_t first = 0,
            const head_ptr& head = head_with()) {
    block_builder builder{{}};
    for (const auto& payload : payloads)
      builder.add(head, payload);
    const auto count = static_cast<std::uint32_t>(payloads.size());
    caf::anon_send(
      client->near,
      deliver{
        feeder, "in1", {{lane_id{5}, {first, builder.finish()}, 0, count}}});
    sched.run();
  }

  std::vector<mqtt::publish> published() {
    text = client->take_written();
    std::vector<mqtt::publish> all;
    mqtt::packet_cursor cursor{text};
    mqtt::raw_packet raw;
    while (cursor.next(raw)) {
      REQUIRE(raw.type == mqtt::packet_type::publish);
      const auto decoded = mqtt::decode_publish(raw);
      REQUIRE(decoded);
      all.push_back(decoded.packet);
    }
    return all;
  }

  void check_answer(std::uint64_t first, std::uint32_t count,
                    delivery_result result) {
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].lane == lane_id{5});
    CHECK(answers[0].first == first);
    CHECK(answers[0].count == count);
    CHECK(answers[0].result == result);
    answers.clear();
  }

  std::string text;
};

} // namespace

TEST_CASE_METHOD(module_node,
                 "a module that subscribes to its inputs is a "
                 "target",
                 "[mqtt]") {
  join();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].sink_prefix == "edge-1/filter/");
  CHECK(ready[0].target == client->near);
  CHECK(ready[0].window == context.limits.outbound_window);
  SECTION("until it unsubscribes") {
    std::string packet;
    REQUIRE(encode(packet, mqtt::unsubscribe{9, {inputs}}));
    arrive(*client, packet);
    CHECK(client->take_written() == "\xb0\2\0\x09"s);
    REQUIRE(gone.size() == 1);
    CHECK(gone[0].sink_prefix == "edge-1/filter/");
    SECTION("and what comes all the same is to be tried again") {
      give({"a", "b"});
      check_answer(0, 2, delivery_result::retry);
      CHECK(client->written.empty());
    }
  }
  SECTION("until it goes") {
    client->vanish();
    sched.run();
    CHECK(gone.size() == 1);
  }
  SECTION("once, however often it subscribes") {
    arrive(*client, subscribe_packet(inputs));
    CHECK(ready.size() == 1);
  }
}

TEST_CASE_METHOD(module_node, "devices and modules elsewhere are no targets",
                 "[mqtt]") {
  auto& device = connected({"leaf-9", ""});
  arrive(device, subscribe_packet("devices/leaf-9/modules/x/#"));
  auto& module = connected({"edge-2", "m"});
  arrive(module, subscribe_packet("devices/edge-2/modules/m/#"));
  CHECK(ready.empty());
}

TEST_CASE_METHOD(module_node, "a delivery is published on the input's topic",
                 "[mqtt]") {
  join();
  give({"one", "two"}, 0, head_with({{"a b", "1"}, {"$.ct", "text/plain"}}));
  const auto sent = published();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].topic
        == "devices/edge-1/modules/filter/inputs/in1/"
           "a%20b=1&%24.cdid=edge-1&%24.cmid=pump&%24.ct=text%2Fplain");
  CHECK(sent[0].payload == "one");
  CHECK(sent[1].payload == "two");
  CHECK(sent[0].quality == mqtt::qos::at_least_once);
  CHECK(sent[0].packet_id == 1);
  CHECK(sent[1].packet_id == 2);
  CHECK_FALSE(sent[0].retain);
  CHECK_FALSE(sent[0].dup);
  CHECK(answers.empty());
  SECTION("and answered in one range per batch of PUBACKs") {
    arrive(*client, pubacks({1, 2}));
    check_answer(0, 2, delivery_result::done);
  }
  SECTION("but only when the PUBACKs come in order") {
    arrive(*client, puback(2));
    CHECK(answers.empty());
    arrive(*client, puback(1));
    check_answer(0, 1, delivery_result::done);
    arrive(*client, puback(2));
    check_answer(1, 1, delivery_result::done);
  }
}

TEST_CASE_METHOD(module_node, "quality 0 is done when it is written",
                 "[mqtt]") {
  SECTION("because of the subscription") { join(0); }
  SECTION("because of the message") { join(1); }
  give({"x"}, 3, head_with({{"mqtt-qos", "0"}}));
  const auto sent = published();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].quality == mqtt::qos::at_most_once);
  check_answer(3, 1, delivery_result::done);
}

TEST_CASE_METHOD(module_node, "quality 0 is not written faster than it leaves",
                 "[mqtt]") {
  context.limits.outbound_bytes = 4;
  join(0);
  give({"abc", "def", "ghi"});
  CHECK(published().size() == 2);
  CHECK(client->drain_wanted);
  check_answer(0, 2, delivery_result::done);
  caf::anon_send(client->near, drained{});
  sched.run();
  CHECK(published().size() == 1);
  check_answer(2, 1, delivery_result::done);
}

TEST_CASE_METHOD(module_node, "a message that cannot be sent is poison",
                 "[mqtt]") {
  SECTION("because no filter selects its input") {
    client = &connected(filter_module);
    arrive(*client,
           subscribe_packet("devices/edge-1/modules/filter/inputs/other/#"));
    client->take_written();
    give({"x"});
  }
  SECTION("because its properties are longer than any topic") {
    join();
    give({"x"}, 0, head_with({{"a", std::string(30'000, '%')}}));
  }
  check_answer(0, 1, delivery_result::poison);
  CHECK(client->written.empty());
}

TEST_CASE_METHOD(module_node, "no more is in flight than the window allows",
                 "[mqtt]") {
  context.limits.outbound_window = 3;
  SECTION("counted in messages") {
    join();
    give({"0", "1", "2", "3", "4"});
    CHECK(published().size() == 3);
    arrive(*client, puback(1));
    REQUIRE(published().size() == 1);
    arrive(*client, pubacks({2, 3, 4}));
    CHECK(published().size() == 1);
  }
  SECTION("counted in bytes, but one always goes") {
    context.limits.outbound_bytes = 4;
    join();
    give({"012345", "678", "9"});
    CHECK(published().size() == 1);
    arrive(*client, puback(1));
    CHECK(published().size() == 2);
  }
}

TEST_CASE_METHOD(module_node, "packet identifiers skip 0 when they wrap",
                 "[mqtt]") {
  join();
  std::uint64_t offset = 0;
  for (int round = 0; round < 66; ++round) {
    give(std::vector<std::string>(1000, "x"), offset);
    offset += 1000;
    std::string acks;
    for (const auto& packet : published()) {
      REQUIRE(packet.packet_id != 0);
      acks += puback(packet.packet_id);
    }
    arrive(*client, acks);
    std::uint32_t done = 0;
    for (const auto& range : answers)
      done += range.count;
    REQUIRE(done == 1000);
    answers.clear();
  }
}

TEST_CASE_METHOD(module_node,
                 "a client that acknowledges nothing is given "
                 "everything again",
                 "[mqtt]") {
  join();
  give({"a", "b"});
  arrive(*client, puback(1));
  answers.clear();
  pass(20s);
  arrive(*client, "\xc0\0"s);
  pass(25s);
  check_answer(1, 1, delivery_result::retry);
  client->take_written();
  SECTION("and a PUBACK that comes after all means nothing") {
    arrive(*client, puback(2));
    CHECK(answers.empty());
  }
}

TEST_CASE_METHOD(module_node, "subscriptions past the limit are refused",
                 "[mqtt]") {
  auto& device = connected({"leaf-9", ""});
  for (int i = 0; i < 50; ++i)
    arrive(device, subscribe_packet("t/" + std::to_string(i), 2));
  const auto granted = device.take_written();
  CHECK(granted.substr(granted.size() - 5) == "\x90\3\0\1\1"s);
  arrive(device, subscribe_packet("one/more"));
  CHECK(device.take_written() == "\x90\3\0\1\x80"s);
  SECTION("but a known one may change its quality") {
    arrive(device, subscribe_packet("t/0", 0));
    CHECK(device.take_written() == "\x90\3\0\1\0"s);
  }
}
