#include "actors/clients/command_sender.hpp"

#include "messages/amqp/guid.hpp"
#include "messages/amqp/head_mapping.hpp"
#include "messages/amqp/time_text.hpp"
#include "messages/iothub/percent.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

#include <algorithm>
#include <random>

namespace tidegate {

namespace {

/// What is sent in front of the body: the message's properties and those of
/// this delivery.
std::string front_of(const c2d_message& message, const identity_id& device) {
  message_head head = *message.head;
  const auto set = [&head](const char* name, std::string value) {
    set_property(head.system, name, std::move(value));
  };
  set("lockToken", message.lock_token);
  set("deliveryCount",
      std::to_string(std::min<std::uint32_t>(message.delivery_count, 255)));
  set("sequenceNumber", std::to_string(message.sequence));
  set("enqueuedTime",
      amqp::time_text(message.enqueued.time_since_epoch().count()));
  if (!find_property(head.system, "to"))
    set("to", "/devices/" + percent_encode(device.device));
  std::string front;
  amqp::write_command_head(front, head);
  amqp::write_data_header(front, message.payload.size());
  return front;
}

/// The lock token's bytes; random ones when it is no GUID.
amqp::guid_bytes tag_of(const c2d_message& message) {
  if (const auto guid = amqp::parse_guid(message.lock_token))
    return amqp::net_order(*guid);
  std::random_device source;
  amqp::guid_bytes tag;
  for (auto& byte : tag)
    byte = static_cast<char>(source());
  return tag;
}

std::optional<c2d_outcome> outcome_of(pn_delivery_t* delivery) {
  switch (pn_delivery_remote_state(delivery)) {
  case PN_ACCEPTED:
    return c2d_outcome::complete;
  case PN_REJECTED:
    return c2d_outcome::reject;
  case PN_RELEASED:
  case PN_MODIFIED:
    return c2d_outcome::abandon;
  default: // settled without a word, or nothing that is final
    if (pn_delivery_settled(delivery))
      return c2d_outcome::abandon;
    return std::nullopt;
  }
}

} // namespace

void command_sender::pump() {
  while (!waiting_.empty() && pn_link_credit(link_) > 0
         && unsettled_.size() < most_) {
    send(waiting_.front());
    waiting_.pop_front();
  }
  if (pn_link_get_drain(link_) && waiting_.empty())
    pn_link_drained(link_);
}

void command_sender::send(const c2d_message& message) {
  const auto tag = tag_of(message);
  auto* const delivery = pn_delivery(link_, pn_dtag(tag.data(), tag.size()));
  const auto front = front_of(message, device_);
  pn_link_send(link_, front.data(), front.size());
  pn_link_send(link_, message.payload.view.data(), message.payload.size());
  pn_link_advance(link_);
  unsettled_.push_back({delivery, message.lock_token});
}

std::optional<c2d_decided> command_sender::decided(pn_delivery_t* delivery) {
  const auto known
    = std::find_if(unsettled_.begin(), unsettled_.end(),
                   [&](const sent& one) { return one.delivery == delivery; });
  if (known == unsettled_.end())
    return std::nullopt; // told before, in the same chunk
  const auto outcome = outcome_of(delivery);
  if (!outcome)
    return std::nullopt;
  c2d_decided result{device_, std::move(known->lock_token), *outcome};
  unsettled_.erase(known);
  // The device in its turn learns that it was understood.
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
  return result;
}

std::vector<std::string> command_sender::give_up() {
  std::vector<std::string> tokens;
  for (auto& one : unsettled_)
    tokens.push_back(std::move(one.lock_token));
  for (auto& message : waiting_)
    tokens.push_back(std::move(message.lock_token));
  unsettled_.clear();
  waiting_.clear();
  return tokens;
}

} // namespace tidegate
