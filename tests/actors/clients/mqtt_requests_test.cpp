#include "mqtt_fixture.hpp"
#include "support/fake_cloud.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

const identity_id leaf{"leaf-9", ""};
const std::string get_topic = "$iothub/twin/GET/?$rid=";
const std::string patch_topic = "$iothub/twin/PATCH/properties/reported/";
const std::string events = "devices/leaf-9/messages/events/";
const std::string commands = "devices/leaf-9/messages/devicebound/#";
const std::string command_topic = "devices/leaf-9/messages/devicebound";

struct dialog_node : mqtt_node {
  fake_cloud cloud{sys};
  mqtt_connection* client = nullptr;

  dialog_node() {
    cloud.serve(context);
    sched.run();
  }

  /// A client with subscriptions at that quality.
  void join(const std::vector<std::string>& filters, unsigned quality,
            const identity_id& id = leaf) {
    client = &connected(id);
    for (const auto& filter : filters)
      arrive(*client, subscribe_packet(filter, quality));
    client->take_written();
  }

  void publish(const std::string& topic, const std::string& payload,
               std::uint16_t packet_id = 0) {
    arrive(*client, publish_packet(topic, payload, packet_id));
  }

  template <class Message>
  void give(Message message) {
    caf::anon_send(client->near, std::move(message));
    sched.run();
  }

  void give_command(const std::string& token, std::uint32_t deliveries = 0,
                    std::vector<property> user = {}) {
    auto head = std::make_shared<message_head>();
    head->user = std::move(user);
    give(deliver_c2d{leaf, {head, own("go"), token, deliveries, 1, {}}});
  }

  /// What became of commands, as `token outcome`.
  std::vector<std::string> decisions() {
    constexpr const char* names[] = {"complete", "abandon", "reject"};
    std::vector<std::string> all;
    for (const auto& [by, token, outcome] : std::exchange(cloud.decisions, {}))
      all.push_back(token + ' ' + names[static_cast<int>(outcome)]);
    return all;
  }
};

using texts = std::vector<std::string>;

std::string delivery(const std::string& topic, const std::string& payload,
                     std::uint16_t id, bool dup = false) {
  auto text = mqtt_node::publish_packet(topic, payload, id);
  if (dup)
    text[0] = static_cast<char>(text[0] | 8);
  return text;
}

} // namespace

TEST_CASE_METHOD(dialog_node, "a client gets its twin", "[mqtt]") {
  join({"$iothub/twin/res/#"}, 0);
  publish(get_topic + "r%201", " ");
  CHECK(cloud.gets == std::vector{leaf});
  CHECK(client->take_written()
        == publish_packet("$iothub/twin/res/200/?$rid=r%201", cloud.twin));
  SECTION("unless it has not subscribed to answers") {
    std::string packet;
    REQUIRE(encode(packet, mqtt::unsubscribe{9, {"$iothub/twin/res/#"}}));
    arrive(*client, packet);
    client->take_written();
    publish(get_topic + "r2", " ");
    CHECK(cloud.gets.size() == 2);
    CHECK(client->take_written().empty());
  }
}

TEST_CASE_METHOD(dialog_node, "a client reports properties", "[mqtt]") {
  join({"$iothub/twin/res/#"}, 0);
  publish(patch_topic + "?$rid=7", R"({"a":1})");
  CHECK(cloud.patches == texts{R"({"a":1})"});
  CHECK(client->take_written()
        == publish_packet("$iothub/twin/res/204/?$rid=7", ""));
  SECTION("without a request identifier, in silence") {
    publish(patch_topic, R"({"b":2})");
    CHECK(cloud.patches.size() == 2);
    CHECK(client->take_written().empty());
  }
}

TEST_CASE_METHOD(dialog_node, "a twin operation that fails has a status",
                 "[mqtt]") {
  join({"$iothub/twin/res/#"}, 0);
  const auto status_of = [this](const caf::error& error) {
    cloud.failure = error;
    publish(patch_topic + "?$rid=7", "{}");
    return client->take_written();
  };
  const auto answer = [](const char* status) {
    return publish_packet(
      "$iothub/twin/res/" + std::string{status} + "/?$rid=7", "");
  };
  CHECK(status_of(ec::bad_argument) == answer("400"));
  CHECK(status_of(ec::malformed) == answer("500"));
  CHECK(status_of(ec::unavailable) == answer("500"));
  CHECK_FALSE(client->is_closed);
}

TEST_CASE_METHOD(dialog_node,
                 "an operation is acknowledged once it is done, in order",
                 "[mqtt]") {
  join({}, 0);
  cloud.holds = true;
  arrive(*client, publish_packet(events, "before", 1)
                    + publish_packet(patch_topic, "{}", 2)
                    + publish_packet(events, "behind", 3));
  CHECK(stored() == texts{"before", "behind"});
  CHECK(client->take_written() == puback(1));
  publish(events, "later", 4);
  CHECK(client->take_written().empty());
  cloud.answer();
  sched.run();
  CHECK(client->take_written() == pubacks({2, 3, 4}));
  CHECK(client->given_back == client->arrived);
}

TEST_CASE_METHOD(dialog_node,
                 "a change that is lost in silence is not acknowledged",
                 "[mqtt]") {
  join({}, 0);
  SECTION("so that the client sends it again") {
    cloud.failure = ec::store_failed;
    publish(patch_topic, "{}", 2);
    CHECK(client->take_written().empty());
    CHECK(client->is_closed);
  }
  SECTION("but one that is wrong is") {
    cloud.failure = ec::bad_argument;
    publish(patch_topic, "{}", 2);
    CHECK(client->take_written() == puback(2));
  }
}

TEST_CASE_METHOD(dialog_node,
                 "a client with many operations under way is not read",
                 "[mqtt]") {
  join({"$iothub/twin/res/#"}, 0);
  cloud.holds = true;
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += publish_packet(get_topic + std::to_string(i), "");
  arrive(*client, many);
  CHECK(cloud.gets.size() == 16);
  CHECK(client->given_back < client->arrived);
  for (int i = 0; i < 4; ++i) {
    cloud.answer();
    sched.run();
  }
  CHECK(cloud.gets.size() == 20);
  CHECK(client->given_back == client->arrived);
}

TEST_CASE_METHOD(dialog_node, "a session ends once its operations have ended",
                 "[mqtt]") {
  join({}, 0);
  cloud.holds = true;
  publish(patch_topic, "{}", 2);
  self->monitor(client->near);
  client->vanish();
  sched.run();
  CHECK_FALSE(has_ended());
  cloud.answer();
  sched.run();
  CHECK(has_ended());
}

TEST_CASE_METHOD(dialog_node, "a client hears of desired properties",
                 "[mqtt]") {
  join({"$iothub/twin/PATCH/properties/desired/#"}, 1);
  CHECK(cloud.wants[leaf] == client_wants{false, true, false});
  give(desired_changed{leaf, 5, std::make_shared<const std::string>("{}")});
  CHECK(
    client->take_written()
    == delivery("$iothub/twin/PATCH/properties/desired/?$version=5", "{}", 1));
}

TEST_CASE_METHOD(dialog_node, "a client runs methods", "[mqtt]") {
  join({"$iothub/methods/POST/#"}, 0);
  CHECK(cloud.wants[leaf] == client_wants{true, false, false});
  give(method_request{leaf, "1A-2b", "reboot", own("[1]")});
  CHECK(client->take_written()
        == publish_packet("$iothub/methods/POST/reboot/?$rid=1A-2b", "[1]"));
  const auto response = [this](const std::string& rest) {
    publish("$iothub/methods/res/" + rest, "done", 3);
    CHECK(client->take_written() == puback(3));
    REQUIRE(cloud.responses.size() == 1);
    const auto taken = std::exchange(cloud.responses, {}).front();
    CHECK(taken.by == leaf);
    CHECK(taken.rid == "1A-2b");
    return std::to_string(taken.status) + std::string{taken.payload.view};
  };
  CHECK(response("200/?$rid=1A-2b") == "200done");
  CHECK(response("-1/?$rid=1A-2b&more=1") == "-1done");
  CHECK(response("404/?x=y&$rid=1A-2b") == "404done");
  CHECK(response("abc/?$rid=1A-2b") == "400000");
  CHECK(response("4294967296/?$rid=1A-2b") == "400000");
  publish("$iothub/methods/res/200/", "nobody asked", 4);
  CHECK(client->take_written() == puback(4));
  CHECK(cloud.responses.empty());
}

TEST_CASE_METHOD(dialog_node, "a device takes messages from the cloud",
                 "[mqtt]") {
  join({commands}, 1);
  CHECK(cloud.wants[leaf] == client_wants{false, false, true});
  give_command("t1", 0, {{"k", "a b"}});
  CHECK(client->take_written()
        == delivery(command_topic + "/k=a%20b", "go", 1));
  give_command("t2", 1);
  CHECK(client->take_written() == delivery(command_topic, "go", 2, true));
  CHECK(decisions().empty());
  SECTION("and completes them with PUBACK, in order") {
    arrive(*client, puback(2));
    CHECK(decisions().empty());
    arrive(*client, pubacks({1, 2}));
    CHECK(decisions() == texts{"t1 complete", "t2 complete"});
  }
  SECTION("and is asked again when it acknowledges none") {
    for (int i = 0; i < 4; ++i) {
      pass(15s);
      arrive(*client, std::string{"\xc0\0", 2});
    }
    CHECK(decisions() == texts{"t1 abandon", "t2 abandon"});
  }
  SECTION("and those at quality 0 are complete when written") {
    client->take_written();
    give_command("t3", 1, {{"mqtt-qos", "0"}});
    CHECK(client->take_written()
          == publish_packet(command_topic + "/mqtt-qos=0", "go"));
    CHECK(decisions() == texts{"t3 complete"});
  }
  SECTION("until it unsubscribes") {
    std::string packet;
    REQUIRE(encode(packet, mqtt::unsubscribe{9, {commands}}));
    arrive(*client, packet);
    CHECK(cloud.wants[leaf] == client_wants{});
    give_command("t3");
    CHECK(decisions() == texts{"t3 abandon"});
  }
}

TEST_CASE_METHOD(dialog_node, "a message that no filter selects is rejected",
                 "[mqtt]") {
  join({"devices/other/messages/devicebound/#"}, 1);
  give_command("t1");
  CHECK(client->take_written().empty());
  CHECK(decisions() == texts{"t1 reject"});
}

TEST_CASE_METHOD(dialog_node, "what a stored session wants is told again",
                 "[mqtt]") {
  client = &connected(leaf, false);
  arrive(*client, subscribe_packet("$iothub/methods/POST/#"));
  client->vanish();
  sched.run();
  CHECK(cloud.wants[leaf] == client_wants{});
  connected(leaf, false);
  CHECK(cloud.wants[leaf] == client_wants{true, false, false});
}

TEST_CASE_METHOD(dialog_node, "a module is sent no commands", "[mqtt]") {
  const identity_id module{"edge-1", "filter"};
  join({"devices/edge-1/messages/devicebound/#", "$iothub/methods/POST/#"}, 1,
       module);
  CHECK(cloud.wants[module] == client_wants{true, false, false});
}
