#include "messages/iothub/inbound_topic.hpp"
#include "messages/iothub/outbound_topic.hpp"
#include "messages/iothub/telemetry_head.hpp"
#include "messages/iothub/user_name.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

const identity_id pump{"edge-1", "pump"};

} // namespace

TEST_CASE("a connection may only send telemetry as itself", "[iothub]") {
  const auto topic = GENERATE(
    "devices/edge-1/messages/events/", "devices/edge-2/messages/events",
    "devices/edge-1/modules/other/messages/events/a=1",
    "devices/edge-1/modules//messages/events", "devices//messages/events/");
  CAPTURE(topic);
  const auto parsed = parse_inbound_topic(topic, pump);
  CHECK(parsed.kind == inbound_kind::violation);
  CHECK_FALSE(parsed.why.empty());
}

TEST_CASE("telemetry topics are matched from their first byte", "[iothub]") {
  const auto topic
    = GENERATE("x/devices/edge-1/modules/pump/messages/events/",
               "/devices/edge-1/modules/pump/messages/events/",
               "Devices/edge-1/modules/pump/messages/events/",
               "devices/edge-1/modules/pump/messages/events/a=1/b",
               "devices/edge-1/modules/pump/messages/eventsx", "devices",
               "devices/edge-1/modules/pump", "");
  CAPTURE(topic);
  CHECK(parse_inbound_topic(topic, pump).kind == inbound_kind::unknown);
}

TEST_CASE("a method response may carry more than its id", "[iothub]") {
  const auto parsed
    = parse_inbound_topic("$iothub/methods/res/200/?x=1&$rid=ab&$v=2", pump);
  CHECK(parsed.kind == inbound_kind::method_response);
  CHECK(parsed.status == "200");
  CHECK(parsed.rid == "ab");
}

TEST_CASE("a malformed method response is nobody's", "[iothub]") {
  const auto topic
    = GENERATE("$iothub/methods/res/200", "$iothub/methods/res/?$rid=1",
               "$iothub/methods/res/2/0/?$rid=1", "$iothub/methods/res/");
  CAPTURE(topic);
  CHECK(parse_inbound_topic(topic, pump).kind == inbound_kind::unknown);
}

TEST_CASE("a bag never overrides who is speaking", "[iothub]") {
  telemetry_facts facts;
  facts.bag = {{"$.cdid", "boss"},
               {"connectionDeviceId", "boss"},
               {"moduleId", "boss"},
               {"$.on", "vib"}};
  const auto head = make_head(pump, std::move(facts));
  CHECK(head->sender == pump);
  CHECK(find_property(head->system, "connectionDeviceId")->value == "edge-1");
  CHECK(find_property(head->system, "connectionModuleId")->value == "pump");
  CHECK(head->user.size() == 3);
  CHECK(message_source(*head) == "/messages/modules/pump/outputs/vib");
}

TEST_CASE("flags, will and model become properties", "[iothub]") {
  telemetry_facts facts;
  facts.bag = {{"MQTT-RETAIN", "no"}};
  facts.retain = facts.dup = facts.will = true;
  facts.model_id = "dtmi:x;1";
  const auto head = make_head({"leaf-9", ""}, std::move(facts));
  CHECK(head->user
        == std::vector<property>{{"mqtt-retain", "true"},
                                 {"mqtt-dup", "true"},
                                 {"MessageType", "Will"}});
  CHECK(find_property(head->system, "modelId")->value == "dtmi:x;1");
  CHECK_FALSE(find_property(head->system, "connectionModuleId"));
}

TEST_CASE("a module is told who sent a message", "[iothub]") {
  telemetry_facts facts;
  facts.bag = {{"a", "1"}, {"$.cdid", "boss"}, {"$.on", "o"}, {"$.mid", "m"}};
  const auto head = make_head(pump, std::move(facts));
  CHECK(
    outbound_properties(*head)
    == std::vector<property>{
      {"a", "1"}, {"$.cdid", "edge-1"}, {"$.cmid", "pump"}, {"$.mid", "m"}});
}

TEST_CASE("only the node says whose a message is", "[iothub]") {
  telemetry_facts facts;
  facts.bag = {{"$.cmid", "boss"}, {"$.CMID", "boss"}, {"a", "1"}};
  auto head = *make_head({"leaf-9", ""}, std::move(facts));
  head.user.push_back({"$.on", "alarms"}); // as over AMQP
  CHECK(outbound_properties(head)
        == std::vector<property>{{"a", "1"}, {"$.cdid", "leaf-9"}});
  CHECK(message_source(head) == "/messages");
  message_head command;
  command.user = {{"$.cdid", "boss"}, {"b", "2"}};
  CHECK(outbound_properties(command) == std::vector<property>{{"b", "2"}});
}

TEST_CASE("no name makes a level, a wildcard or a broken topic", "[iothub]") {
  CHECK(method_topic("a/b#+\r\n", "7")
        == "$iothub/methods/POST/a%2Fb%23%2B%0D%0A/?$rid=7");
  CHECK(input_topic({"edge-1", "pump#1"}, "in/+", {})
        == "devices/edge-1/modules/pump%231/inputs/in%2F%2B");
  CHECK(c2d_topic("a+b#c", {}) == "devices/a%2Bb%23c/messages/devicebound");
  CHECK(c2d_topic("a%23b", {}) == "devices/a%23b/messages/devicebound");
  CHECK(twin_response_topic(200, {"1\0", 2})
        == "$iothub/twin/res/200/?$rid=1%00");
}

TEST_CASE("the originator of a twin change stands in for its sender",
          "[iothub]") {
  message_head head;
  head.system = {{"connectionDeviceId", "edge-1"},
                 {"connectionModuleId", "$edgeHub"},
                 {"rpSenderDeviceId", "leaf-9"}};
  CHECK(outbound_properties(head)
        == std::vector<property>{{"$.cdid", "leaf-9"}});
}

TEST_CASE("a formatted user name is read back", "[iothub]") {
  user_name who;
  who.id = pump;
  who.client_type = "tidegate/0.1 & more";
  who.model_id = "dtmi:x;1";
  who.auth_chain = "edge-1/pump;edge-1";
  std::string_view why;
  const auto read
    = parse_user_name(format_user_name("hub", who, "2021-04-12"), why);
  REQUIRE(read);
  CHECK(read->id == who.id);
  CHECK(read->client_type == who.client_type);
  CHECK(read->model_id == who.model_id);
  CHECK(read->auth_chain == who.auth_chain);
}

TEST_CASE("ids in a user name are trimmed but not decoded", "[iothub]") {
  std::string_view why;
  const auto read = parse_user_name("h/ a%20b /\tm\n/?api-version=1", why);
  REQUIRE(read);
  CHECK(read->id == identity_id{"a%20b", "m"});
}
