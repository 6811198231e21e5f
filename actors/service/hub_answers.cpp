#include "actors/service/hub_answers.hpp"

#include "actors/clients/pending_transfers.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "messages/amqp/hub_question.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/access_policy.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>
#include <proton/terminus.h>

namespace tidegate {

namespace {

constexpr auto patience = std::chrono::seconds{60};
constexpr std::chrono::milliseconds no_wait{0};

} // namespace

hub_questions::hub_questions(service_link_context& context, pn_link_t* link)
  : service_link{context, link} {
  pn_link_flow(link, credit);
}

std::string_view hub_questions::entity() const {
  return events_entity(context_.node->hub_host);
}

void hub_questions::take(pn_delivery_t* delivery, const bytes& encoded) {
  pn_link_flow(link_, 1);
  amqp::message_sections sections;
  std::string why;
  if (!amqp::split_sections(encoded.view, sections, why))
    return reject(delivery, {condition::decode_error, why});
  const auto asked = amqp::read_hub_question(sections);
  if (!asked)
    return reject(delivery,
                  {condition::not_allowed, "a question has no message-id"});
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
  const std::string to{asked->reply_to};
  const std::string id{asked->message_id};
  switch (asked->is) {
  case amqp::hub_question::kind::hub:
    return answer(to, amqp::write_hub_answer(id, entity()));
  case amqp::hub_question::kind::partition:
    if (asked->partition == "0")
      return tell_partition(to, id);
    return answer(to,
                  amqp::write_hub_refusal(id, 404, "the only partition is 0"));
  case amqp::hub_question::kind::other:
    return answer(to, amqp::write_hub_refusal(id, 400,
                                              "only READ of an event "
                                              "hub or a partition"));
  }
}

void hub_questions::tell_partition(const std::string& to,
                                   const std::string& id) {
  ask<child_handle>(
    context_.node->sinks, get_child{"iothub"}, patience,
    [this, to, id](const child_handle& found) {
      tell_last(caf::actor_cast<event_log_actor>(found.handle), to, id);
    },
    [this, to, id](const caf::error& error) {
      refuse(to, id, error_text(error));
    });
}

/// The first answer says where the log ends, the second what is there.
void hub_questions::tell_last(const event_log_actor& log, const std::string& to,
                              const std::string& id) {
  const auto failed = [this, to, id](const caf::error& error) {
    refuse(to, id, error_text(error));
  };
  ask<events_page>(
    log, read_events{0, 1, no_wait}, patience,
    [this, log, to, id, failed](const events_page& page) {
      const auto last = page.next == 0 ? 0 : page.next - 1;
      ask<events_page>(
        log, read_events{last, 1, no_wait}, patience,
        [this, to, id](const events_page& at_end) {
          amqp::partition_facts facts{at_end.oldest, at_end.next, {}};
          if (!at_end.blocks.empty())
            facts.last_enqueued = at_end.blocks.back().data->enqueued();
          answer(to, amqp::write_partition_answer(id, entity(), facts));
        },
        failed);
    },
    failed);
}

void hub_questions::refuse(const std::string& to, const std::string& id,
                           const std::string& why) {
  answer(to, amqp::write_hub_refusal(id, 500, why));
}

void hub_questions::answer(const std::string& to, std::string encoded) {
  const auto& links = context_.answer_links;
  const auto named = links.find(to);
  const auto found = named == links.end() ? links.begin() : named;
  // Who takes no answers has no use for this one either.
  if (found != links.end() && !found->second->send(std::move(encoded)))
    context_.close(link_, {condition::limit_exceeded,
                           "too many answers wait for the link's credit"});
}

hub_answers::hub_answers(service_link_context& context, pn_link_t* link)
  : service_link{context, link}, sender_{link} {
  const auto* const address
    = pn_terminus_get_address(pn_link_remote_target(link));
  address_ = address ? address : "";
  context_.answer_links.insert_or_assign(address_, &sender_);
}

hub_answers::~hub_answers() {
  const auto found = context_.answer_links.find(address_);
  if (found != context_.answer_links.end() && found->second == &sender_)
    context_.answer_links.erase(found);
}

} // namespace tidegate
