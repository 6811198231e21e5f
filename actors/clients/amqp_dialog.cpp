// Twins, methods, and messages from the cloud, for every identity of a
// connection (edge-hub spec 2.8, 2.9, 2.5).

#include "actors/clients/amqp_connection.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/log.hpp"
#include "messages/amqp/head_mapping.hpp"
#include "messages/amqp/method_mapping.hpp"
#include "messages/amqp/twin_mapping.hpp"

#include <caf/send.hpp>

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

#include <utility>

namespace tidegate {

namespace {

/// Bytes of a request or an answer of a client, all sections together. More
/// than any limit on what is in it (edge-hub spec 7.3 and 8).
constexpr std::size_t largest_request = 262'144;

void accept(pn_delivery_t* delivery) {
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
}

/// Takes a transfer apart; nothing, with the reason in `why`, when it is none
/// of a client's requests.
std::optional<amqp::message_sections> sections_of(const bytes& encoded,
                                                  link_condition& why) {
  amqp::message_sections sections;
  why.name = condition::not_allowed;
  if (encoded.size() > largest_request)
    why = {condition::message_too_large, "a request is larger than 262144 "
                                         "bytes"};
  else if (amqp::split_sections(encoded.view, sections, why.description))
    return sections;
  return std::nullopt;
}

/// The body of a message that lies in `encoded`.
bytes body_of(const amqp::message_sections& sections, const bytes& encoded) {
  std::string joined;
  const auto body = amqp::read_body(sections, joined);
  return sections.data_count > 1 ? own(std::move(joined))
                                 : bytes{encoded.owner, body};
}

/// The body of an answer. A failure has one too: the Azure SDK for Node.js
/// reads it as JSON and ends its connection when it cannot.
std::string_view body_of(const twin_answered& answer) {
  if (answer.json)
    return *answer.json;
  if (answer.status == 400)
    return R"({"message":"the properties are not valid"})";
  if (answer.status >= 400)
    return R"({"message":"the twin cannot be read or changed"})";
  return {};
}

} // namespace

/// Sends a message that the client does not settle.
void amqp_connection::tell(link_role role, const identity_id& id,
                           std::string encoded) {
  auto* const link = index_.serving(role, id);
  if (link && !link->settled->send(std::move(encoded)))
    close(*link, {condition::limit_exceeded,
                  "too many messages wait for the link's credit"});
}

void amqp_connection::take_twin_request(amqp_link& link,
                                        pn_delivery_t* delivery,
                                        const bytes& encoded) {
  if (link.open_requests >= 2 * twin_credit)
    return close(link, {condition::limit_exceeded,
                        "more requests than there was credit for"});
  link_condition why;
  const auto sections = sections_of(encoded, why);
  const auto request = sections
                         ? amqp::read_twin_request(*sections, why.description)
                         : std::nullopt;
  if (!request) {
    pn_link_flow(link.link, 1);
    return reject(delivery, why);
  }
  const auto call = next_question_++;
  questions_[call]
    = {link.id, std::string{request->correlation}, link.link, delivery};
  ++link.open_requests;
  if (request->verb == amqp::twin_verb::patch)
    return call_twin(self_, context_.twins,
                     {link.id, body_of(*sections, encoded)}, call);
  if (request->correlation.empty())
    return end_question({call, 200, nullptr, false}); // without effect
  if (request->verb == amqp::twin_verb::get)
    return call_twin(self_, context_.twins, {link.id, {}}, call);
  if (auto* const replies = index_.serving(link_role::twin_replies, link.id)) {
    replies->wants_desired = request->verb == amqp::twin_verb::subscribe;
    tell_wants(link.id);
  }
  end_question({call, 200, nullptr, false});
}

/// Tells the client how its request ended, and settles it.
void amqp_connection::end_question(const twin_answered& answer) {
  auto question = questions_.extract(answer.call);
  if (!question)
    return;
  const auto& [id, correlation, link, delivery] = question.mapped();
  if (!correlation.empty())
    tell(link_role::twin_replies, id,
         amqp::write_twin_reply(correlation, answer.status, body_of(answer)));
  if (!link)
    return;
  --link_of(link)->open_requests;
  pn_link_flow(link, 1);
  // Whoever gets no reply must not take a lost change for a kept one.
  if (correlation.empty() && answer.failed)
    reject(delivery,
           {condition::internal_error, "the twin could not be changed"});
  else
    accept(delivery);
}

void amqp_connection::answered(const twin_answered& answer) {
  end_question(answer);
  end_turn();
}

void amqp_connection::give(const desired_changed& news) {
  const auto* const link = index_.serving(link_role::twin_replies, news.id);
  if (link && link->wants_desired)
    tell(link->role, news.id, amqp::write_desired_update(*news.patch));
  end_turn();
}

void amqp_connection::give(const method_request& call) {
  tell(link_role::method_requests, call.target,
       amqp::write_method_request(call.rid, call.name, call.payload.view));
  end_turn();
}

void amqp_connection::take_method_answer(amqp_link& link,
                                         pn_delivery_t* delivery,
                                         const bytes& encoded) {
  pn_link_flow(link.link, 1);
  link_condition why;
  const auto sections = sections_of(encoded, why);
  if (!sections)
    return reject(delivery, why);
  auto answer = amqp::read_method_answer(*sections);
  if (!answer)
    return reject(delivery,
                  {condition::not_allowed, "an answer has no correlation-id"});
  caf::anon_send(
    context_.methods,
    method_response{link.id, std::move(answer->rid),
                    answer->status.value_or(unreadable_status),
                    answer->status ? body_of(*sections, encoded) : bytes{}});
  accept(delivery);
}

void amqp_connection::give(const deliver_c2d& what) {
  auto* const link = index_.serving(link_role::devicebound, what.target);
  if (!link || !link->announced)
    return pass_on(
      {what.target, what.message.lock_token, c2d_outcome::abandon});
  link->commands->take(what.message);
  link->commands->pump();
  end_turn();
}

void amqp_connection::pass_on(c2d_decided what) {
  caf::anon_send(context_.c2d, std::move(what));
}

/// Tells the registry what the client wants. In the reference a link that
/// closes leaves that as it was; here its messages wait for the next one.
void amqp_connection::tell_wants(const identity_id& id) {
  const auto* const replies = index_.serving(link_role::twin_replies, id);
  const auto* const commands = index_.serving(link_role::devicebound, id);
  identities_.want(id,
                   {index_.serving(link_role::method_requests, id) != nullptr,
                    replies && replies->wants_desired,
                    commands && commands->announced && !id.is_module()});
}

} // namespace tidegate
