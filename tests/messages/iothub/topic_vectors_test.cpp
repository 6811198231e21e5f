#include "messages/iothub/inbound_topic.hpp"
#include "messages/iothub/outbound_topic.hpp"
#include "messages/iothub/property_bag.hpp"
#include "messages/iothub/subscription_kind.hpp"
#include "messages/iothub/telemetry_head.hpp"
#include "messages/iothub/user_name.hpp"
#include "messages/mqtt/topic_filter.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace tidegate;

namespace {

using boost::json::object;
using property_map = std::map<std::string, std::optional<std::string>>;

const boost::json::value& topics() {
  static const auto all = read_vectors("topics.json");
  return all;
}

property_map as_map(const std::vector<property>& all) {
  property_map result;
  for (const auto& [name, value] : all)
    result[name] = value;
  return result;
}

property_map as_map(const object& all) {
  property_map result;
  for (const auto& [name, value] : all)
    result[name] = value.is_string()
                     ? std::optional<std::string>{value.as_string()}
                     : std::nullopt;
  return result;
}

/// The vectors name no connection: whoever the system properties name.
identity_id speaker_of(const object& vector) {
  const auto* system = vector.if_contains("systemProperties");
  if (!system)
    return {"leaf-9", ""};
  return {text_or_empty(system->as_object(), "connectionDeviceId"),
          text_or_empty(system->as_object(), "connectionModuleId")};
}

std::string result_of(const inbound_topic& parsed) {
  switch (parsed.kind) {
  case inbound_kind::telemetry:
    return decode_property_bag(parsed.bag) ? "telemetry" : "drop-acked";
  case inbound_kind::twin_get:
    return "get";
  case inbound_kind::twin_patch:
    return parsed.rid.empty() ? "patch-no-response" : "patch";
  case inbound_kind::method_response:
    return "method-response";
  case inbound_kind::unknown:
    return "drop-acked";
  case inbound_kind::violation:
    return "close-connection";
  }
  return {};
}

std::vector<property> pairs(const boost::json::array& list) {
  std::vector<property> result;
  for (const auto& pair : list) {
    const auto& entry = pair.as_array();
    result.push_back({std::string{entry[0].as_string()}, std::nullopt});
    if (entry[1].is_string())
      result.back().value = std::string{entry[1].as_string()};
  }
  return result;
}

std::string topic_of(const object& vector) {
  const auto kind = text_or_empty(vector, "kind");
  const auto device = text_or_empty(vector, "deviceId");
  const auto rid = text_or_empty(vector, "rid");
  if (kind == "c2d")
    return c2d_topic(device, pairs(vector.at("properties").as_array()));
  if (kind == "input")
    return input_topic({device, text_or_empty(vector, "moduleId")},
                       text_or_empty(vector, "input"),
                       pairs(vector.at("properties").as_array()));
  if (kind == "twinResponse")
    return twin_response_topic(static_cast<int>(vector.at("status").as_int64()),
                               rid);
  if (kind == "desired")
    return desired_topic(vector.at("version").as_int64());
  return method_topic(text_or_empty(vector, "name"), rid);
}

std::string name_of(subscription_kind kind) {
  switch (kind) {
  case subscription_kind::methods:
    return "Methods";
  case subscription_kind::desired_properties:
    return "DesiredPropertyUpdates";
  case subscription_kind::c2d:
    return "C2D";
  case subscription_kind::twin_responses:
    return "TwinResponse";
  case subscription_kind::module_inputs:
    return "ModuleMessages";
  case subscription_kind::unknown:
    return "Unknown";
  }
  return {};
}

} // namespace

TEST_CASE("telemetry and method topics mean what the vectors say",
          "[iothub][vectors]") {
  for (const auto& entry : topics().at("telemetryAndMethodTopics").as_array()) {
    const auto& vector = entry.as_object();
    const auto topic = text_or_empty(vector, "topic");
    CAPTURE(topic);
    const auto speaker = speaker_of(vector);
    const auto parsed = parse_inbound_topic(topic, speaker);
    CHECK(result_of(parsed) == text_or_empty(vector, "result"));
    if (parsed.kind == inbound_kind::method_response) {
      CHECK(parsed.rid == text_or_empty(vector, "rid"));
      CHECK(parsed.status == text_or_empty(vector, "statusCode"));
    }
    if (text_or_empty(vector, "result") == "telemetry") {
      telemetry_facts facts;
      facts.bag = decode_property_bag(parsed.bag).entries;
      const auto head = make_head(speaker, std::move(facts));
      CHECK(head->sender == speaker);
      CHECK(as_map(head->system)
            == as_map(vector.at("systemProperties").as_object()));
      CHECK(as_map(head->user) == as_map(vector.at("properties").as_object()));
    }
  }
}

TEST_CASE("twin topics mean what the vectors say", "[iothub][vectors]") {
  for (const auto& entry : topics().at("twinTopics").as_array()) {
    const auto& vector = entry.as_object();
    const auto topic = text_or_empty(vector, "topic");
    CAPTURE(topic);
    const auto parsed = parse_inbound_topic(topic, {"leaf-9", ""});
    CHECK(result_of(parsed) == text_or_empty(vector, "result"));
    CHECK(parsed.rid == text_or_empty(vector, "rid"));
  }
}

TEST_CASE("outbound topics are spelled as the vectors say",
          "[iothub][vectors]") {
  for (const auto& entry : topics().at("outboundTopics").as_array())
    CHECK(topic_of(entry.as_object())
          == text_or_empty(entry.as_object(), "topic"));
}

TEST_CASE("subscriptions are classified as the vectors say",
          "[iothub][vectors]") {
  for (const auto& entry :
       topics().at("subscriptionClassification").as_array()) {
    const auto filter = text_or_empty(entry.as_object(), "filter");
    CAPTURE(filter);
    CHECK(valid_topic_filter(filter));
    CHECK(name_of(classify_subscription(filter))
          == text_or_empty(entry.as_object(), "subscription"));
  }
}

TEST_CASE("filters select the topics that the vectors say", "[mqtt][vectors]") {
  for (const auto& entry : topics().at("filterMatching").as_array()) {
    const auto filter = text_or_empty(entry.as_object(), "filter");
    const auto topic = text_or_empty(entry.as_object(), "topic");
    CAPTURE(filter, topic);
    CHECK(matches(filter, topic) == entry.as_object().at("match").as_bool());
  }
}

TEST_CASE("user names are read as the vectors say", "[iothub][vectors]") {
  for (const auto& entry : topics().at("usernames").as_array()) {
    const auto& vector = entry.as_object();
    const auto text = text_or_empty(vector, "username");
    CAPTURE(text);
    std::string_view why;
    const auto parsed = parse_user_name(text, why);
    REQUIRE(parsed.has_value() == vector.at("valid").as_bool());
    CHECK(parsed.has_value() == why.empty());
    if (!parsed)
      continue;
    CHECK(parsed->id.device == text_or_empty(vector, "deviceId"));
    CHECK(parsed->id.module == text_or_empty(vector, "moduleId"));
    CHECK(parsed->client_type == text_or_empty(vector, "deviceClientType"));
    CHECK(parsed->model_id.value_or("") == text_or_empty(vector, "modelId"));
    CHECK(parsed->model_id.has_value() == vector.at("modelId").is_string());
    CHECK(parsed->auth_chain.value_or("")
          == text_or_empty(vector, "authChain"));
  }
}
