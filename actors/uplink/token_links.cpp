#include "actors/uplink/token_links.hpp"

#include "messages/amqp/cbs.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>
#include <proton/terminus.h>

#include <utility>

namespace tidegate {

namespace {

constexpr int reply_credit = 10;

std::string audience_of(const std::string& host, const identity_id& id) {
  auto audience = host + "/devices/" + id.device;
  return id.is_module() ? audience + "/modules/" + id.module : audience;
}

} // namespace

token_links::token_links(pn_session_t* session)
  : requests_{pn_sender(session, "token-requests")}, replies_{pn_receiver(
                                                       session,
                                                       "token-replies")} {
  pn_terminus_set_address(pn_link_target(requests_), "$cbs");
  pn_link_open(requests_);
  pn_terminus_set_address(pn_link_source(replies_), "$cbs");
  pn_link_open(replies_);
  pn_link_flow(replies_, reply_credit);
}

void token_links::show(const std::string& host, const identity_id& id,
                       std::string_view token, answered then) {
  auto name = "token-" + std::to_string(next_++);
  waiting_.push_back(amqp::write_put_token(name, audience_of(host, id), token));
  asked_.emplace(std::move(name), std::move(then));
  flowed();
}

void token_links::flowed() {
  while (!waiting_.empty() && pn_link_credit(requests_) > 0) {
    const auto& encoded = waiting_.front();
    const auto tag = std::to_string(next_++);
    auto* const sent = pn_delivery(requests_, pn_dtag(tag.data(), tag.size()));
    pn_link_send(requests_, encoded.data(), encoded.size());
    pn_link_advance(requests_);
    pn_delivery_settle(sent);
    waiting_.pop_front();
  }
}

bool token_links::arrived(pn_delivery_t* delivery) {
  if (pn_delivery_link(delivery) != replies_ || !pn_delivery_readable(delivery)
      || pn_delivery_partial(delivery))
    return true;
  std::string encoded(pn_delivery_pending(delivery), '\0');
  pn_link_recv(replies_, encoded.data(), encoded.size());
  pn_link_advance(replies_);
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
  pn_link_flow(replies_, 1);
  amqp::message_sections sections;
  std::string why;
  if (!amqp::split_sections(encoded, sections, why))
    return false;
  const auto reply = amqp::read_cbs_reply(sections);
  if (!reply)
    return true;
  const auto found = asked_.find(reply->correlation_id);
  if (found == asked_.end())
    return true;
  const auto then = std::move(found->second);
  asked_.erase(found);
  then(reply->status, reply->description);
  return true;
}

} // namespace tidegate
