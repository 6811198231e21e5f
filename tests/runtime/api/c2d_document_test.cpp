#include "runtime/api/c2d_document.hpp"

#include "actors/c2d/feedback_document.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

const wall_time now{1'000s};

std::string fault(const std::string& text) {
  std::string why;
  CHECK_FALSE(parse_c2d_document(text, now, why));
  return why;
}

} // namespace

TEST_CASE("an operator's message is read", "[c2d]") {
  std::string why;
  const auto full = parse_c2d_document(
    R"({"body":"on","messageId":"m-1","expiresInSeconds":60,"ack":"full",
        "properties":{"level":"3","bare":null}})",
    now, why);
  REQUIRE(full);
  CHECK(full->payload.view == "on");
  CHECK(full->expires == wall_time{1'060s});
  CHECK(full->ack == c2d_ack::full);
  CHECK(full->head->system == std::vector<property>{{"messageId", "m-1"}});
  CHECK(full->head->user
        == std::vector<property>{
          {"level", "3"}, {"bare", std::nullopt}, {"iothub-ack", "full"}});
  const auto bare = parse_c2d_document("{}", now, why);
  REQUIRE(bare);
  CHECK(bare->expires == no_expiry);
  CHECK(bare->ack == c2d_ack::none);
  const auto binary = parse_c2d_document(R"({"bodyBase64":"AP8="})", now, why);
  REQUIRE(binary);
  CHECK(binary->payload.view == std::string_view{"\0\xff", 2});
}

TEST_CASE("an operator's message that is wrong says where", "[c2d]") {
  CHECK(fault("") == "the body is not a JSON object");
  CHECK(fault(R"({"body":7})") == "body: not a text");
  CHECK(fault(R"({"body":"","bodyBase64":""})")
        == "give either body or bodyBase64");
  CHECK(fault(R"({"bodyBase64":"?"})") == "bodyBase64: is not base64");
  CHECK(fault(R"({"messageId":1})") == "messageId: not a text");
  CHECK(fault(R"({"properties":{"":"x"}})")
        == "properties: names need texts, or null");
  CHECK(fault(R"({"expiresInSeconds":0})")
        == "expiresInSeconds: not a number from 1 to 100 years");
  CHECK(fault(R"({"ack":"maybe"})")
        == "ack: not none, positive, negative or full");
}

TEST_CASE("feedback is told as IoT Hub tells it", "[c2d]") {
  c2d_record of;
  of.device = "leaf";
  of.message_id = "m-1";
  of.generation = "7";
  const auto told
    = feedback_document({of, c2d_fate::delivery_count_exceeded, now});
  CHECK(told.at("deviceId") == "leaf");
  CHECK(told.at("originalMessageId") == "m-1");
  CHECK(told.at("statusCode") == "DeliveryCountExceeded");
  CHECK(told.at("enqueuedTimeUtc") == "1970-01-01T00:16:40.0000000Z");
}
