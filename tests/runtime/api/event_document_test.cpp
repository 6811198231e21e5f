#include "runtime/api/event_document.hpp"

#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

boost::json::object document_of(message_head head, std::string payload) {
  block_builder builder{wall_time{1'767'323'045'678ms}};
  builder.add(std::make_shared<const message_head>(std::move(head)), payload);
  return event_document(41, *builder.finish(), 0);
}

} // namespace

TEST_CASE("an event tells its origin, its time and its delay", "[events]") {
  message_head head;
  head.sender = {"edge-1", "pump"};
  head.system = {{"creationTime", "2026-01-02T03:04:05.5Z"}};
  head.user = {{"level", "warn"}, {"flag", std::nullopt}};
  const auto event = document_of(head, "{}");
  CHECK(event.at("offset") == 41);
  CHECK(event.at("from") == "edge-1/pump");
  CHECK(event.at("enqueuedTime") == "2026-01-02T03:04:05.678Z");
  CHECK(event.at("delayMs") == 178);
  CHECK(event.at("properties").at("level") == "warn");
  CHECK(event.at("properties").at("flag").is_null());
  CHECK(event.at("body") == "{}");
}

TEST_CASE("a body that is no text comes as base64", "[events]") {
  const auto event = document_of({}, "\xff\x00");
  CHECK_FALSE(event.contains("body"));
  CHECK(event.at("bodyBase64") == "/w==");
  CHECK_FALSE(event.contains("delayMs"));
}
