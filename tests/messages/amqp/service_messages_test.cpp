#include "messages/amqp/head_mapping.hpp"
#include "messages/amqp/hub_question.hpp"
#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/service_command.hpp"
#include "messages/amqp/writer.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

bytes command(std::vector<property> system, std::vector<property> user = {}) {
  message_head head;
  head.system = std::move(system);
  head.user = std::move(user);
  std::string encoded;
  amqp::write_command_head(encoded, head);
  amqp::write_data_header(encoded, 4);
  return own(encoded + "body");
}

std::string fault(const bytes& encoded) {
  std::string why;
  CHECK_FALSE(amqp::read_service_command(encoded, why));
  return why;
}

const property to_pump{"to", "/devices/pump%207/messages/devicebound"};

std::string question(std::string_view operation, std::string_view type,
                     std::string_view partition) {
  std::string encoded;
  amqp::writer out{encoded};
  out.descriptor(amqp::properties_section);
  const auto list = out.begin_list();
  out.string("m-1");
  for (int i = 0; i < 3; ++i)
    out.null();
  out.string("me");
  out.end(list, 5);
  out.descriptor(amqp::application_section);
  const auto map = out.begin_map();
  for (const auto& [name, text] :
       {std::pair{"operation", operation}, std::pair{"type", type},
        std::pair{"partition", partition}}) {
    out.string(name);
    out.string(text);
  }
  out.end(map, 6);
  out.descriptor(amqp::data_section);
  out.binary("[]");
  return encoded;
}

amqp::message_sections sections_of(const std::string& encoded) {
  amqp::message_sections sections;
  std::string why;
  REQUIRE(amqp::split_sections(encoded, sections, why));
  return sections;
}

} // namespace

TEST_CASE("a service's message names its device and its terms", "[service]") {
  std::string why;
  const auto read = amqp::read_service_command(
    command({to_pump,
             {"messageId", "m-1"},
             {"absolute-expiry-time", "2026-01-02T03:04:05.006Z"}},
            {{"k", "v"}, {"iothub-ack", "full"}}),
    why);
  REQUIRE(read);
  CHECK(read->target == identity_id{"pump 7", ""});
  CHECK(read->payload.view == "body");
  CHECK(read->ack == c2d_ack::full);
  CHECK(read->expires
        == wall_time{std::chrono::milliseconds{1'767'323'045'006}});
  CHECK(find_property(read->head->system, "messageId")->value == "m-1");
  CHECK(find_property(read->head->user, "k")->value == "v");
  CHECK_FALSE(find_property(read->head->system, "connectionDeviceId"));
}

TEST_CASE("a service's message has no terms unless it names them",
          "[service]") {
  std::string why;
  const auto read = amqp::read_service_command(command({to_pump}), why);
  REQUIRE(read);
  CHECK(read->ack == c2d_ack::none);
  CHECK(read->expires == no_expiry);
}

TEST_CASE("what is wrong with a service's message is told", "[service]") {
  const auto* const address = "to: must be /devices/{id}/messages/devicebound";
  CHECK(fault(command({})) == address);
  CHECK(fault(command({{"to", "/devices/a/messages/events"}})) == address);
  CHECK(fault(command({to_pump}, {{"iothub-ack", "maybe"}}))
        == "iothub-ack: must be none, positive, negative or full");
  CHECK_FALSE(fault(own("nonsense")).empty());
}

TEST_CASE("questions about an event log are read", "[service]") {
  using kind = amqp::hub_question::kind;
  const auto encoded = question("READ", "com.microsoft:partition", "0");
  const auto sections = sections_of(encoded);
  const auto read = amqp::read_hub_question(sections);
  REQUIRE(read);
  CHECK(read->is == kind::partition);
  CHECK(read->partition == "0");
  CHECK(read->reply_to == "me");
  const auto kind_of = [](std::string_view operation, std::string_view type) {
    const auto text = question(operation, type, "");
    const auto parts = sections_of(text);
    return amqp::read_hub_question(parts)->is;
  };
  CHECK(kind_of("READ", "com.microsoft:eventhub") == kind::hub);
  CHECK(kind_of("READ", "com.microsoft:consumergroup") == kind::other);
  CHECK(kind_of("DELETE", "com.microsoft:eventhub") == kind::other);
  const std::string nameless{command({}).view};
  CHECK_FALSE(amqp::read_hub_question(sections_of(nameless)));
}

TEST_CASE("answers about an event log echo the question's id", "[service]") {
  const auto encoded = question("READ", "com.microsoft:eventhub", "");
  const auto asked_sections = sections_of(encoded);
  const auto asked = *amqp::read_hub_question(asked_sections);
  amqp::partition_facts facts{3, 10, {}};
  for (const auto& answer :
       {amqp::write_hub_answer(asked.message_id, "hub"),
        amqp::write_partition_answer(asked.message_id, "hub", facts),
        amqp::write_hub_refusal(asked.message_id, 404, "no")}) {
    const auto sections = sections_of(answer);
    CHECK(amqp::property_field(sections, amqp::correlation_id_field).text
          == "m-1");
    CHECK(amqp::entry_of(sections.application, "status-code").number > 0);
  }
  const auto answer
    = amqp::write_partition_answer(asked.message_id, "hub", facts);
  const auto body = sections_of(answer).body_value;
  CHECK(amqp::entry_of(body, "begin_sequence_number").as_signed() == 3);
  CHECK(amqp::entry_of(body, "last_enqueued_sequence_number").as_signed() == 9);
  CHECK(amqp::entry_of(body, "last_enqueued_offset").text == "9");
  CHECK(amqp::entry_of(body, "is_partition_empty").number == 0);
}

TEST_CASE("an event is told with its place and its sender", "[service]") {
  message_head head;
  head.system
    = {{"connectionDeviceId", "pump-7"}, {"contentType", "text/plain"}};
  head.user = {{"level", "high"}};
  std::string encoded;
  amqp::write_event_head(encoded, head, 12, 1'767'323'045'006);
  amqp::write_data_header(encoded, 0);
  const auto sections = sections_of(encoded);
  const auto annotation = [&](std::string_view name) {
    return amqp::entry_of(sections.annotations, name);
  };
  CHECK(annotation("x-opt-sequence-number").as_signed() == 12);
  CHECK(annotation("x-opt-offset").text == "12");
  CHECK(annotation("x-opt-enqueued-time").as_signed() == 1'767'323'045'006);
  CHECK(annotation("iothub-connection-device-id").text == "pump-7");
  CHECK(annotation("iothub-message-source").text == "Telemetry");
  CHECK(amqp::entry_of(sections.application, "level").text == "high");
  head.system = {{"messageType", "twinChangeNotification"}};
  encoded.clear();
  amqp::write_event_head(encoded, head, 0, 0);
  amqp::write_data_header(encoded, 0);
  const auto change = sections_of(encoded);
  CHECK(amqp::entry_of(change.annotations, "iothub-message-source").text
        == "twinChangeEvents");
}
