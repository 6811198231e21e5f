#include "mqtt_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

const identity_id leaf{"leaf-9", ""};
const identity_id pump{"edge-1", "pump"};
const std::string events = "devices/leaf-9/messages/events/";

} // namespace

TEST_CASE_METHOD(mqtt_node, "a PUBACK waits for the store", "[mqtt]") {
  answers_at_once = false;
  auto& client = connected(leaf);
  const auto before = client.given_back;
  arrive(client, publish_packet(events, "a", 1) + publish_packet(events, "b", 2)
                   + publish_packet(events, "c"));
  REQUIRE(appended.size() == 1);
  CHECK(stored() == std::vector{"a"s, "b"s, "c"s});
  CHECK(client.written.empty());
  SECTION("and comes once for all of a batch, with the read credit") {
    CHECK(client.given_back == before);
    answer();
    CHECK(client.written == pubacks({1, 2}));
    CHECK(client.given_back == client.arrived);
  }
  SECTION("and keeps the order of its PUBLISH across batches") {
    arrive(client, publish_packet(events, "d", 3));
    REQUIRE(appended.size() == 2);
    std::swap(appended[0], appended[1]);
    answer();
    CHECK(client.written.empty());
    answer();
    CHECK(client.written == pubacks({1, 2, 3}));
  }
  SECTION("and never comes when the store fails") {
    answer(ec::store_full);
    CHECK(client.written.empty());
    CHECK(client.is_closed);
    CHECK(counted("edgehub_messages_unack_total") == 3);
  }
}

TEST_CASE_METHOD(mqtt_node,
                 "messages that no route wants are acknowledged "
                 "in their turn",
                 "[mqtt]") {
  route({{"hot", "FROM /messages/* WHERE hot = 'y' INTO $upstream"}});
  answers_at_once = false;
  auto& client = connected(leaf);
  arrive(client, publish_packet(events + "hot=y", "a", 1));
  arrive(client, publish_packet(events, "b", 2));
  CHECK(client.written.empty());
  answer();
  CHECK(client.written == pubacks({1, 2}));
  CHECK(stored() == std::vector{"a"s});
  CHECK(counted("edgehub_messages_dropped_total") == 1);
}

TEST_CASE_METHOD(mqtt_node,
                 "messages that cannot be used are dropped and "
                 "acknowledged",
                 "[mqtt]") {
  auto& client = connected(leaf);
  SECTION("on a topic that is none of the hub's") {
    arrive(client, publish_packet("foo/bar", "x", 1));
  }
  SECTION("with a malformed bag") {
    arrive(client, publish_packet(events + "a=b=c", "x", 1));
  }
  SECTION("as answer to a method that nobody called") {
    arrive(client, publish_packet("$iothub/methods/res/200/?$rid=1", "x", 1));
    CHECK(counted("tidegate_messages_refused_total") == 0);
    CHECK(stored().empty());
    CHECK(client.written == puback(1));
    return;
  }
  CHECK(client.written == puback(1));
  CHECK(stored().empty());
  CHECK_FALSE(client.is_closed);
  CHECK(counted("tidegate_messages_refused_total") == 1);
}

TEST_CASE_METHOD(mqtt_node, "a message may be as large as the limit",
                 "[mqtt]") {
  auto& client = connected(leaf);
  const std::size_t properties = "connectionDeviceId"s.size() + 6;
  const std::string payload(262'144 - properties, 'x');
  arrive(client, publish_packet(events, payload, 1));
  CHECK(stored().size() == 1);
  CHECK(client.written == puback(1));
  CHECK_FALSE(client.is_closed);
}

TEST_CASE_METHOD(mqtt_node,
                 "a message that is nothing for the way up closes the "
                 "connection, not acknowledged",
                 "[mqtt]") {
  auto& client = connected(leaf);
  const auto with_properties = [&](int count) {
    auto topic = events;
    for (int i = 0; i < count; ++i)
      topic.append(i == 0 ? "" : "&").append("p" + std::to_string(i) + "=1");
    return topic;
  };
  arrive(client, publish_packet(with_properties(512), "x", 1));
  CHECK(client.written == puback(1));
  SECTION("because of its size") {
    arrive(client, publish_packet(events, std::string(262'144, 'x'), 2));
  }
  SECTION("because of its properties") {
    arrive(client, publish_packet(with_properties(513), "x", 2));
  }
  SECTION("because of one more that comes with a flag") {
    arrive(client, publish_packet(with_properties(512), "x", 2, 1));
  }
  CHECK(client.written == puback(1));
  CHECK(stored().size() == 1);
  CHECK(client.is_closed);
  CHECK(counted("tidegate_messages_refused_total") == 1);
}

TEST_CASE_METHOD(mqtt_node, "what a client may not do closes its connection",
                 "[mqtt]") {
  auto& client = connected(leaf);
  SECTION("speak for somebody else") {
    arrive(client, publish_packet("devices/leaf-8/messages/events/", "x", 1));
    CHECK(stored().empty());
  }
  SECTION("ask for a twin without saying which request it is") {
    arrive(client, publish_packet("$iothub/twin/GET/", "", 1));
  }
  SECTION("send what only servers send") { arrive(client, "\xd0\0"s); }
  SECTION("publish to a wildcard") {
    arrive(client, publish_packet("a/#", "x", 1));
  }
  SECTION("publish at quality 2, although the message counts") {
    arrive(client, "\x34"s + publish_packet(events, "x", 1).substr(1));
    CHECK(stored() == std::vector{"x"s});
  }
  CHECK(client.is_closed);
  CHECK(client.written.empty());
}

TEST_CASE_METHOD(mqtt_node, "messages before a fault still count", "[mqtt]") {
  auto& client = connected(leaf);
  arrive(client, publish_packet(events, "x", 1) + "\xf0\0"s);
  CHECK(stored() == std::vector{"x"s});
  CHECK(client.is_closed);
}

TEST_CASE_METHOD(mqtt_node, "one topic becomes one head", "[mqtt]") {
  auto& client = connected(pump);
  const std::string topic
    = "devices/edge-1/modules/pump/messages/events/%24.on=vib&a=1/";
  arrive(client, publish_packet(topic, "1", 1) + publish_packet(topic, "2", 2));
  arrive(client, publish_packet(topic, "3", 3));
  REQUIRE(appended.size() == 2);
  const auto& block = *appended[0].blocks[0].data;
  CHECK(block.head(0) == block.head(1));
  CHECK(block.head(0) == appended[1].blocks[0].data->head(0));
  CHECK(message_source(*block.head(0)) == "/messages/modules/pump/outputs/vib");
  SECTION("unless its flags say something of their own") {
    arrive(client, publish_packet(topic, "4", 4, 1));
    const auto& other = *appended[2].blocks[0].data->head(0);
    CHECK(find_property(other.user, "mqtt-retain"));
    CHECK_FALSE(find_property(block.head(0)->user, "mqtt-retain"));
  }
}

TEST_CASE_METHOD(mqtt_node, "more topics than the cache holds are no problem",
                 "[mqtt]") {
  auto& client = connected(leaf);
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 200; ++i)
      client.arrive(publish_packet(events + "n=" + std::to_string(i),
                                   std::to_string(i), 1));
  sched.run();
  REQUIRE(stored().size() == 400);
  for (std::size_t i = 0; i < 400; ++i)
    CHECK(find_property(appended[i].blocks[0].data->head(0)->user, "n")->value
          == std::to_string(i % 200));
}

TEST_CASE_METHOD(mqtt_node, "routes that change are followed at once",
                 "[mqtt]") {
  auto& client = connected(leaf);
  arrive(client, publish_packet(events, "a", 1));
  CHECK(appended[0].blocks[0].lane == lane_id{1});
  route({{"up", "FROM /messages/* INTO $upstream"}});
  arrive(client, publish_packet(events, "b", 2));
  CHECK(appended[1].blocks[0].lane == lane_id{2});
  SECTION("also by messages that the old ones were still for") {
    answers_at_once = false;
    arrive(client, publish_packet(events, "c", 3));
    route({{"up", "FROM /messages/* INTO $upstream"}});
    answer(ec::lane_gone);
    REQUIRE(appended.size() == 4);
    CHECK(appended[3].blocks[0].lane == lane_id{3});
    answer();
    CHECK(client.written == pubacks({1, 2, 3}));
  }
}

TEST_CASE_METHOD(mqtt_node,
                 "without twins, their operations are answered "
                 "with 500",
                 "[mqtt]") {
  auto& client = connected(leaf);
  arrive(client, subscribe_packet("$iothub/twin/res/#", 0));
  client.take_written();
  arrive(client, publish_packet("$iothub/twin/GET/?$rid=r1", " "));
  CHECK(client.take_written()
        == publish_packet("$iothub/twin/res/500/?$rid=r1", ""));
  arrive(client, publish_packet(
                   "$iothub/twin/PATCH/properties/reported/?$rid=r2", "{}", 9));
  CHECK(client.take_written()
        == publish_packet("$iothub/twin/res/500/?$rid=r2", "") + puback(9));
  CHECK_FALSE(client.is_closed);
}

TEST_CASE_METHOD(mqtt_node,
                 "a session ends when its connection and its "
                 "messages have",
                 "[mqtt]") {
  answers_at_once = false;
  auto& client = connected(leaf);
  arrive(client, publish_packet(events, "x", 1));
  self->monitor(client.near);
  client.vanish();
  sched.run();
  CHECK(ask<bool>(context.clients, is_connected{leaf}) == false);
  CHECK_FALSE(has_ended());
  answer();
  CHECK(client.written.empty());
  CHECK(has_ended());
}
