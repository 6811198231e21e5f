#include "messages/broker/publication.hpp"

#include "messages/iothub/telemetry_head.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

publication_writer writer(bool envelope = false) {
  std::string why;
  auto language = std::make_shared<broker_language>();
  language->edge = "edge-1";
  language->telemetry = *topic_template::parse(
    "s/{edge}/{device}/{module}/telemetry/{output}", telemetry_places, why);
  language->envelope = envelope;
  return publication_writer{language};
}

const identity_id pump{"edge-1", "pump"};

} // namespace

TEST_CASE("a message of a device goes to its topic as it is", "[broker]") {
  auto subject = writer();
  const auto head = make_head({"leaf", {}}, {});
  CHECK(subject.topic_of(head) == "s/edge-1/leaf/telemetry");
  CHECK(subject.payload_of(*head, "21.5") == "21.5");
}

TEST_CASE("an output has its own topic, properties follow as a bag",
          "[broker]") {
  auto subject = writer();
  const auto head
    = make_head(pump, {{{"$.on", "vib"}, {"level", "a b"}, {"$.mid", "7"}}});
  CHECK(subject.topic_of(head)
        == "s/edge-1/edge-1/pump/telemetry/vib/level=a%20b&%24.mid=7");
}

TEST_CASE("each head gets its own topic", "[broker]") {
  auto subject = writer();
  const auto one = make_head({"one", {}}, {});
  const auto two = make_head({"two", {}}, {});
  CHECK(subject.topic_of(one) == "s/edge-1/one/telemetry");
  CHECK(subject.topic_of(two) == "s/edge-1/two/telemetry");
  CHECK(subject.topic_of(one) == "s/edge-1/one/telemetry");
}

TEST_CASE("an envelope carries properties and body", "[broker]") {
  auto subject = writer(true);
  const auto head = make_head(pump, {{{"$.on", "vib"}, {"level", "high"}}});
  CHECK(subject.topic_of(head) == "s/edge-1/edge-1/pump/telemetry/vib");
  const auto document
    = boost::json::parse(std::string{subject.payload_of(*head, "{\"t\":1}")});
  CHECK(document.at("from") == "edge-1/pump");
  CHECK(document.at("properties").at("level") == "high");
  CHECK(document.at("systemProperties").at("outputName") == "vib");
  CHECK(document.at("body") == "{\"t\":1}");
}
