#include "actors/clients/events_receiver.hpp"

#include "messages/amqp/head_mapping.hpp"

#include <proton/link.h>

namespace tidegate {

namespace {

/// The reason that a metric gives for what cannot be read.
constexpr std::string_view damaged = "damaged";

} // namespace

events_receiver::events_receiver(pn_link_t* link, identity_id sender,
                                 std::string model_id, auth_method method)
  : link_{link}, sender_{std::move(sender)}, model_id_{std::move(model_id)},
    method_{method} {}

std::optional<link_condition>
events_receiver::prepare(const amqp::message_sections& from, ingress& into) {
  auto head = heads_.find(from.before_body);
  if (!head) {
    std::string why;
    auto read = amqp::read_head(from, sender_, model_id_, why, method_);
    if (!read)
      return wrong(into,
                   amqp::has_too_many_properties(from)
                     ? name_of(message_fault::too_many_properties)
                     : damaged,
                   std::move(why));
    head = into.prepare(std::move(read));
    heads_.put(from.before_body, head);
  }
  if (auto refused = into.refuse(*head, amqp::read_body(from, joined_)))
    return link_condition{refused->what == message_fault::too_large
                              && !batch_.is_batch
                            ? condition::message_too_large
                            : condition::not_allowed,
                          std::move(refused->why)};
  prepared_.push_back(std::move(head));
  return std::nullopt;
}

/// Counts a transfer that is not taken as a whole.
link_condition events_receiver::wrong(const ingress& into,
                                      std::string_view reason,
                                      std::string why) const {
  into.count_refused(sender_, reason);
  return {condition::not_allowed, std::move(why)};
}

std::optional<link_condition> events_receiver::take(const bytes& encoded,
                                                    ingress& into,
                                                    ingress::ticket mark) {
  if (encoded.size() > amqp::largest_transfer)
    return wrong(into, name_of(message_fault::too_large),
                 "the transfer is larger than "
                   + std::to_string(amqp::largest_transfer) + " bytes");
  std::string why;
  if (!amqp::split_batch(encoded.view, batch_, why))
    return wrong(into, damaged, std::move(why));
  prepared_.clear();
  for (const auto& message : batch_.messages)
    if (auto not_taken = prepare(message, into))
      return not_taken;
  for (std::size_t i = 0; i < prepared_.size(); ++i) {
    const auto& message = batch_.messages[i];
    const auto body = amqp::read_body(message, joined_);
    into.add(prepared_[i],
             message.data_count > 1 ? own(std::move(joined_))
                                    : bytes{encoded.owner, body},
             mark);
  }
  return std::nullopt;
}

void events_receiver::replenish() {
  if (refusing_)
    return;
  const auto missing
    = credit - pn_link_credit(link_) - pn_link_unsettled(link_);
  if (missing >= credit / 4)
    pn_link_flow(link_, missing);
}

void events_receiver::refuse(link_condition why, clock::time_point now) {
  if (refusing_)
    return;
  refusing_ = {std::move(why), now};
  pn_link_drain(link_, 0);
}

bool events_receiver::resume() {
  if (!refusing_ || pn_link_credit(link_) > 0)
    return false;
  refusing_.reset();
  replenish(); // ends the drain
  return true;
}

} // namespace tidegate
