#include "messages/amqp/batch.hpp"
#include "messages/amqp/cbs.hpp"
#include "messages/amqp/command_mapping.hpp"
#include "messages/amqp/guid.hpp"
#include "messages/amqp/head_mapping.hpp"
#include "messages/amqp/hub_question.hpp"
#include "messages/amqp/method_mapping.hpp"
#include "messages/amqp/plain_user.hpp"
#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/service_command.hpp"
#include "messages/amqp/time_text.hpp"
#include "messages/amqp/twin_mapping.hpp"

#include <cstdint>
#include <cstdlib>

using namespace tidegate;
using namespace tidegate::amqp;

namespace {

void require(bool holds) {
  if (!holds)
    std::abort();
}

bool inside(std::string_view part, std::string_view whole) {
  return part.empty()
         || (part.data() >= whole.data()
             && part.data() + part.size() <= whole.data() + whole.size());
}

/// What was read from a message is understood again when it is passed on.
void pass_on(const message_head& head, std::string_view body) {
  std::string encoded;
  write_upstream_head(encoded, head);
  write_data_header(encoded, body.size());
  encoded.append(body);
  message_sections sections;
  std::string why;
  require(split_sections(encoded, sections, why));
  require(sections.first_data == body);
  const auto read = read_head(sections, head.sender, {}, why);
  require(read && read->user == head.user);
  encoded.clear();
  write_input_head(encoded, head, "input");
  require(split_sections(encoded, sections, why));
  encoded.clear();
  write_command_head(encoded, head);
  require(encoded.empty() || split_sections(encoded, sections, why));
}

void visit(const message_sections& sections, std::string_view whole) {
  require(inside(sections.before_body, whole) && inside(sections.body, whole)
          && inside(sections.first_data, whole));
  std::string why;
  std::string joined;
  const auto body = read_body(sections, joined);
  if (const auto head = read_head(sections, {"edge-1", "pump"}, {}, why))
    pass_on(*head, body);
  else
    require(!why.empty());
  if (const auto command = read_command(sections, {nullptr, whole}, why))
    require(command->head->sender.device.empty());
}

void visit_cbs(const message_sections& sections) {
  std::string_view id;
  std::string why;
  if (const auto request = read_put_token(sections, id, why)) {
    const auto answer = write_cbs_reply(id, 200, "OK");
    message_sections reply;
    require(split_sections(answer, reply, why));
    require(read_cbs_reply(reply)->status == 200);
  }
  read_cbs_reply(sections);
}

/// An answer is known by the same correlation id as its request.
void visit_requests(const message_sections& sections) {
  std::string why;
  if (const auto request = read_twin_request(sections, why)) {
    if (!request->correlation.empty()) {
      const auto answer = write_twin_reply(request->correlation, 200, "{}");
      message_sections reply;
      require(split_sections(answer, reply, why));
      require(property_field(reply, correlation_id_field).raw
              == request->correlation);
    }
  } else {
    require(!why.empty());
  }
  const auto notice = read_twin_notice(sections);
  if (!notice.correlation.empty()) {
    const auto asked
      = write_twin_request(twin_verb::get, notice.correlation, "");
    message_sections again;
    require(split_sections(asked, again, why));
    require(read_twin_request(again, why).has_value());
  }
  if (const auto call = read_method_call(sections)) {
    const auto answer = write_method_answer(call->correlation, 200, "{}");
    message_sections again;
    require(split_sections(answer, again, why));
    require(property_field(again, correlation_id_field).raw
            == call->correlation);
  }
  if (const auto answer = read_method_answer(sections)) {
    require(!answer->rid.empty());
    const auto call = write_method_request(answer->rid, "m", "{}");
    message_sections asked;
    require(split_sections(call, asked, why));
    require(read_method_answer(asked).has_value());
  }
}

/// What services send; an answer about the event log finds its question.
void visit_service(const message_sections& sections, std::string_view text) {
  std::string why;
  if (const auto command
      = read_service_command(tidegate::own(std::string{text}), why))
    require(!command->target.device.empty());
  else
    require(!why.empty());
  if (const auto question = read_hub_question(sections)) {
    const auto answer = write_hub_answer(question->message_id, "hub");
    message_sections reply;
    require(split_sections(answer, reply, why));
    require(property_field(reply, correlation_id_field).raw
            == question->message_id);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  batch found;
  std::string why;
  if (split_batch(text, found, why)) {
    for (const auto& message : found.messages)
      visit(message, text);
    if (!found.is_batch) {
      visit_cbs(found.messages.front());
      visit_requests(found.messages.front());
      visit_service(found.messages.front(), text);
    }
  } else {
    require(!why.empty());
  }
  parse_plain_user(text, "hub.example");
  if (const auto guid = parse_guid(text))
    require(net_order(net_order(*guid)) == *guid);
  if (const auto at = parse_time(text))
    require(parse_time(time_text(*at)) == at
            || time_text(*at).starts_with("0001-01-01")
            || time_text(*at).starts_with("9999-12-31"));
  return 0;
}
