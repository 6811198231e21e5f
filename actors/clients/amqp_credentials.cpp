// How clients show who they are: SASL PLAIN and put-token (edge-hub spec 2.2
// and 2.3).

#include "actors/clients/amqp_connection.hpp"
#include "messages/amqp/cbs.hpp"
#include "messages/amqp/plain_user.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>
#include <tuple>

namespace tidegate {

namespace {

/// Answers to put-token that wait for a client to take them.
constexpr std::size_t most_replies = 100;

constexpr auto verification_patience = std::chrono::seconds{120};

} // namespace

void amqp_connection::check_credentials() {
  const auto shown = sasl_.take_credentials();
  if (!shown)
    return;
  if (services_ && amqp::is_policy_user(shown->user, context_.hub_host))
    return sasl_.answer(take_service_token(shown->password).first == 200);
  const auto id = amqp::parse_plain_user(shown->user, context_.hub_host);
  if (!id)
    return sasl_.answer(false);
  judging_ = true;
  self_
    ->request(context_.authenticator, verification_patience,
              authenticate{*id, shown->password, {}})
    .then(
      [this, id = *id, token = shown->password](const authenticated&) {
        judging_ = false;
        identities_.tokens().put(id, token);
        introduce();
        sasl_.answer(true);
        end_turn();
      },
      [this](const caf::error&) {
        judging_ = false;
        sasl_.answer(false);
        end_turn();
      });
}

/// What a token is answered with: a status and a sentence.
std::pair<int, std::string>
amqp_connection::take_token(std::string_view token) {
  if (services_ && service_access::is_for_service(token))
    return take_service_token(token);
  std::string_view malformed;
  identity_id whose;
  switch (identities_.tokens().put(token, context_.now(), whose, malformed)) {
  case cbs_tokens::verdict::kept:
    identities_.renewed(whose);
    if (!introduced_)
      identities_.vouch(whose, [this](const caf::error& why) {
        if (!why)
          introduce();
        end_turn();
      });
    return {200, "OK"};
  case cbs_tokens::verdict::malformed:
    return {400, std::string{malformed}};
  case cbs_tokens::verdict::expired:
    return {400, "the token has expired"};
  case cbs_tokens::verdict::too_many:
    break;
  }
  return {400, "too many identities on one connection"};
}

void amqp_connection::take_request(pn_delivery_t* delivery,
                                   const bytes& encoded) {
  amqp::message_sections sections;
  std::string why;
  std::string_view request_id;
  int status = 400;
  if (amqp::split_sections(encoded.view, sections, why)) {
    if (const auto request = amqp::read_put_token(sections, request_id, why)) {
      std::tie(status, why) = take_token(request->token);
      kept_token_ = kept_token_ || status == 200;
    }
  }
  if (replies_.size() < most_replies)
    replies_.push_back(amqp::write_cbs_reply(request_id, status, why));
  auto* const link = pn_delivery_link(delivery);
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
  pn_link_flow(link, 1);
}

void amqp_connection::send_replies() {
  if (replies_.empty())
    return;
  for (auto& link : links_) {
    if (link.role != link_role::cbs_replies
        || link.is != amqp_link::phase::serving)
      continue;
    while (!replies_.empty() && pn_link_credit(link.link) > 0) {
      const auto tag = std::to_string(next_reply_++);
      const auto& encoded = replies_.front();
      auto* const delivery
        = pn_delivery(link.link, pn_dtag(tag.data(), tag.size()));
      pn_link_send(link.link, encoded.data(), encoded.size());
      pn_delivery_settle(delivery);
      pn_link_advance(link.link);
      replies_.pop_front();
    }
  }
}

} // namespace tidegate
