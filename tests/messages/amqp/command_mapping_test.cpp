#include "messages/amqp/command_mapping.hpp"

#include "messages/amqp/head_mapping.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::amqp;

namespace {

bytes written(const message_head& head, std::string_view payload) {
  std::string encoded;
  write_command_head(encoded, head);
  write_data_header(encoded, payload.size());
  return own(encoded.append(payload));
}

std::optional<c2d_message> read(const bytes& encoded, std::string& why) {
  message_sections sections;
  if (!split_sections(encoded.view, sections, why))
    return std::nullopt;
  return read_command(sections, encoded, why);
}

} // namespace

TEST_CASE("a message for a device is read as its hub wrote it", "[amqp]") {
  message_head head;
  head.system = {{"messageId", "m-1"},
                 {"to", "/devices/leaf-9"},
                 {"lockToken", "00112233-4455-6677-8899-aabbccddeeff"},
                 {"deliveryCount", "3"},
                 {"sequenceNumber", "7"},
                 {"enqueuedTime", "2026-01-02T03:04:05.0060000Z"}};
  head.user = {{"k", "v"}};
  std::string why;
  const auto message = read(written(head, "body"), why);
  REQUIRE(message);
  CHECK(message->lock_token == "00112233-4455-6677-8899-aabbccddeeff");
  CHECK(message->delivery_count == 3);
  CHECK(message->sequence == 7);
  CHECK(message->enqueued.time_since_epoch().count() == 1'767'323'045'006);
  CHECK(message->payload.view == "body");
  CHECK(message->head->sender.device.empty());
  CHECK(message->head->user == head.user);
  CHECK(
    message->head->system
    == std::vector<property>{{"messageId", "m-1"}, {"to", "/devices/leaf-9"}});
}

TEST_CASE("a bare message for a device has neither lock nor time", "[amqp]") {
  std::string why;
  const auto message = read(written({}, "body"), why);
  REQUIRE(message);
  CHECK(message->lock_token.empty());
  CHECK(message->delivery_count == 0);
  CHECK(message->payload.view == "body");
}
