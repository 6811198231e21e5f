#include "messages/broker/command.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

broker_language language(bool envelope = false) {
  std::string why;
  broker_language made;
  made.edge = "edge-1";
  made.commands
    = topic_template::parse("s/{edge}/{device}/cmd", command_places, why);
  made.envelope = envelope;
  return made;
}

std::string complaint(const broker_language& spoken, std::string_view topic,
                      std::string_view payload = {}) {
  std::string why;
  CHECK_FALSE(read_command(spoken, topic, payload, why));
  return why;
}

/// What both ways of saying properties come to.
const message_head head{{}, {{"messageId", "7"}}, {{"f", std::nullopt}}};

} // namespace

TEST_CASE("a command names its device in the topic, and may have a bag",
          "[broker]") {
  const auto spoken = language();
  CHECK(command_filter(spoken) == "s/edge-1/+/cmd/#");
  std::string why;
  const auto plain = read_command(spoken, "s/edge-1/leaf/cmd", "open", why);
  CHECK(plain == broker_command{"leaf", {}, "open"});
  const auto with
    = read_command(spoken, "s/edge-1/leaf/cmd/%24.mid=7&f", "", why);
  CHECK(with == broker_command{"leaf", head, ""});
}

TEST_CASE("a command in an envelope has its properties there", "[broker]") {
  const auto spoken = language(true);
  CHECK(command_filter(spoken) == "s/edge-1/+/cmd");
  std::string why;
  const auto found = read_command(
    spoken, "s/edge-1/leaf/cmd",
    R"({"body": "open", "properties": {"$.mid": "7", "f": null}})", why);
  CHECK(found == broker_command{"leaf", head, "open"});
  const auto bytes = read_command(spoken, "s/edge-1/leaf/cmd",
                                  R"({"bodyBase64": "/w=="})", why);
  CHECK(bytes == broker_command{"leaf", {}, "\xff"});
}

TEST_CASE("what is no command says why", "[broker]") {
  const auto bag = language();
  CHECK(complaint(bag, "s/edge-2/leaf/cmd")
        == "the topic is not one for commands");
  CHECK_THAT(complaint(bag, "s/edge-1/leaf/cmd/=x"),
             Catch::StartsWith("the property bag is wrong"));
  const auto json = language(true);
  const auto* const topic = "s/edge-1/leaf/cmd";
  CHECK(complaint(json, topic, "open") == "the payload is not a JSON object");
  CHECK(complaint(json, topic, R"({"body": 1})")
        == "body must be a text, or bodyBase64 bytes in base64");
  CHECK(complaint(json, topic, R"({"bodyBase64": "?"})")
        == "body must be a text, or bodyBase64 bytes in base64");
  CHECK(complaint(json, topic, R"({"properties": {"a": 1}})")
        == "properties must be an object of texts");
  CHECK(complaint(json, "s/edge-1/leaf/cmd/x", "{}")
        == "the topic is not one for commands");
}
