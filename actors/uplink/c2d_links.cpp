#include "actors/uplink/c2d_links.hpp"

#include "actors/log.hpp"
#include "actors/uplink/received_message.hpp"
#include "messages/amqp/command_mapping.hpp"

#include <caf/send.hpp>

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace tidegate {

namespace {

/// Messages that the parent may send before it is given credit.
constexpr int credit = 20;

/// Messages without an outcome; past it the parent's lock on the oldest has
/// surely ended.
constexpr std::size_t most_under_way = 100;

std::uint64_t state_of(c2d_outcome outcome) {
  switch (outcome) {
  case c2d_outcome::complete:
    return PN_ACCEPTED;
  case c2d_outcome::reject:
    return PN_REJECTED;
  case c2d_outcome::abandon:
    break;
  }
  return PN_RELEASED;
}

const char* name_of(c2d_outcome outcome) {
  switch (outcome) {
  case c2d_outcome::complete:
    return "completed";
  case c2d_outcome::reject:
    return "rejected";
  case c2d_outcome::abandon:
    break;
  }
  return "abandoned";
}

/// Ends a delivery that no device decides about.
void settle_with(pn_delivery_t* delivery, std::uint64_t state) {
  pn_delivery_update(delivery, state);
  pn_delivery_settle(delivery);
}

} // namespace

void c2d_links::want(bool wanted) {
  if (std::exchange(wanted_, wanted) == wanted)
    return;
  if (wanted)
    return open();
  retry_.forget();
  lacks_ = false;
  under_way_.clear();
  tools_.close_link(link_);
}

void c2d_links::take_turn() {
  if (lacks_)
    open();
}

void c2d_links::give_turn() {
  if (!link_ || !under_way_.empty())
    return;
  tools_.close_link(link_);
  lacks_ = true;
}

void c2d_links::open() {
  const auto now = tools_.now();
  lacks_ = !tools_.make_room(1, dialog_tools::purpose::wish);
  if (lacks_) {
    retry_.forget();
    return tools_.wait_for_room(id_);
  }
  link_ = tools_.open_link(
    {id_, "messages/deviceBound", true, link_opener::settlement::exactly_once},
    *this);
  pn_link_flow(link_, credit);
  retry_.opened(now);
}

void c2d_links::look_around() {
  if (!retry_.is_due(tools_.now()))
    return;
  tools_.count_retry(id_, "c2d");
  open();
}

void c2d_links::arrived(pn_delivery_t* delivery) {
  if (pn_delivery_settled(delivery)) { // the parent knows the outcome
    std::erase_if(under_way_, [delivery](const locked& one) {
      return one.delivery == delivery;
    });
    return pn_delivery_settle(delivery);
  }
  const auto message = take_message(delivery);
  if (message.is == received_message::state::whole)
    return take(delivery, message.encoded);
  if (message.is == received_message::state::incomplete)
    return;
  under_way_.clear();
  tools_.close_link(link_);
  retry_.ended(tools_.now());
}

void c2d_links::take(pn_delivery_t* delivery, const bytes& encoded) {
  tools_.answered = tools_.now();
  top_up(delivery, credit);
  amqp::message_sections sections;
  std::string why;
  auto message = amqp::split_sections(encoded.view, sections, why)
                   ? amqp::read_command(sections, encoded, why)
                   : std::nullopt;
  if (!message) {
    log::warning("uplink", "a message from the cloud is damaged",
                 {{"id", to_string(id_)}, {"reason", why}});
    return settle_with(delivery, PN_REJECTED);
  }
  if (message->lock_token.empty())
    return settle_with(delivery, PN_RELEASED); // nobody could decide
  if (under_way_.size() >= most_under_way) {
    settle_with(under_way_.front().delivery, PN_RELEASED);
    under_way_.erase(under_way_.begin());
  }
  under_way_.push_back({message->lock_token, delivery});
  caf::anon_send(tools_.context.c2d, deliver_c2d{id_, std::move(*message)});
}

void c2d_links::decided(const c2d_decided& news) {
  const auto known = std::find_if(
    under_way_.begin(), under_way_.end(),
    [&](const locked& one) { return one.token == news.lock_token; });
  if (known == under_way_.end())
    return; // the parent's lock has ended
  // The parent settles in its turn: it has understood then.
  pn_delivery_update(known->delivery, state_of(news.outcome));
  under_way_.erase(known);
  tools_.count("c2d", name_of(news.outcome));
}

void c2d_links::ended(pn_link_t*, std::string_view condition) {
  tools_.answered = tools_.now();
  tools_.link_ended(link_);
  under_way_.clear();
  log::info("uplink", "the parent closed the link for messages to a device",
            {{"id", to_string(id_)}, {"reason", std::string{condition}}});
  retry_.ended(tools_.now());
}

} // namespace tidegate
