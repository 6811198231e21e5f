// What a client does besides sending telemetry and taking inputs: its twin, its
// methods, and messages from the cloud (edge-hub spec 1.9, 1.11 and 1.12).

#include "actors/clients/mqtt_client.hpp"

#include "actors/log.hpp"
#include "messages/iothub/outbound_topic.hpp"
#include "messages/mqtt/encode.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace tidegate {

namespace {

/// `text` as a 32-bit integer, all of it.
std::optional<std::int32_t> number_in(std::string_view text) {
  std::int32_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return number;
}

} // namespace

void mqtt_client::take_request(const inbound_topic& request,
                               const bytes& payload,
                               std::optional<ingress::hold> held) {
  if (request.kind == inbound_kind::method_response)
    return respond(request, payload);
  dialog().ask(id(), request, payload, held);
}

bool mqtt_client::take(const twin_answered& answer) {
  if (!dialog_)
    return !ended_;
  const auto reply = dialog_->take(answer);
  if (reply.held)
    inbound_.release(*reply.held);
  if (reply.must_not_acknowledge)
    end("reported properties could not be stored");
  if (!reply.topic.empty() && !ended_) {
    mqtt::publish packet;
    packet.topic = reply.topic;
    if (reply.json)
      packet.payload = *reply.json;
    packet.quality = mqtt::qos::at_least_once;
    if (publish(packet, false) == sending::impossible)
      end("request identifier is too long to be answered");
  }
  send_decisions();
  give_back(0);
  forget_idle_dialog();
  write();
  return !ended_;
}

void mqtt_client::respond(const inbound_topic& response, const bytes& payload) {
  const auto status = number_in(response.status);
  caf::anon_send(context_->methods,
                 method_response{id(), std::string{response.rid},
                                 status.value_or(unreadable_status),
                                 status ? payload : bytes{}});
}

void mqtt_client::take(const desired_changed& news) {
  if (ended_)
    return;
  const auto topic = desired_topic(news.version);
  mqtt::publish packet;
  packet.topic = topic;
  packet.payload = *news.patch;
  packet.quality = mqtt::qos::at_least_once;
  publish(packet, false);
  write();
}

void mqtt_client::take(const method_request& call) {
  if (ended_)
    return;
  const auto topic = method_topic(call.name, call.rid);
  mqtt::publish packet;
  packet.topic = topic;
  packet.payload = call.payload.view;
  packet.quality = mqtt::qos::at_least_once;
  publish(packet, false);
  write();
}

void mqtt_client::take(const deliver_c2d& wish) {
  if (ended_)
    return; // whoever sent it learns that the client has gone
  const auto& [head, payload, lock_token, delivery_count, sequence, enqueued]
    = wish.message;
  const auto topic = c2d_topic(id().device, outbound_properties(*head));
  mqtt::publish packet;
  packet.topic = topic;
  packet.payload = payload.view;
  packet.quality = wanted_quality(*head);
  packet.dup = delivery_count > 0;
  switch (publish(packet, true)) {
  case sending::done:
    decide(lock_token, c2d_outcome::complete);
    break;
  case sending::unconfirmed:
    dialog().sent(lock_token);
    break;
  case sending::unwanted: // it may have unsubscribed a moment ago
    decide(lock_token, wants_.c2d ? c2d_outcome::reject : c2d_outcome::abandon);
    break;
  case sending::impossible:
    decide(lock_token, c2d_outcome::reject);
    break;
  }
  write();
}

void mqtt_client::decide_commands(std::size_t count, c2d_outcome outcome) {
  if (!dialog_)
    return;
  for (auto& lock_token : dialog_->take_commands(count))
    decide(std::move(lock_token), outcome);
  forget_idle_dialog();
}

void mqtt_client::decide(std::string lock_token, c2d_outcome outcome) {
  caf::anon_send(context_->c2d,
                 c2d_decided{id(), std::move(lock_token), outcome});
}

mqtt_client::sending mqtt_client::publish(mqtt::publish packet, bool command) {
  const auto granted = subscriptions_.quality_for(packet.topic);
  if (!granted)
    return sending::unwanted;
  packet.quality = std::min(packet.quality, *granted);
  if (packet.quality == mqtt::qos::at_most_once) {
    packet.dup = false;
    return encode(out_, packet) ? sending::done : sending::impossible;
  }
  if (feed().in_flight() == 0)
    progress_ = session_->clock().now();
  return feed().publish(packet, command, out_) ? sending::unconfirmed
                                               : sending::impossible;
}

/// Tells the registry what the client wants, when that has changed.
void mqtt_client::tell_wants() {
  const client_wants now{
    subscriptions_.has(subscription_kind::methods),
    subscriptions_.has(subscription_kind::desired_properties),
    !id().is_module() && subscriptions_.has(subscription_kind::c2d)};
  if (now != std::exchange(wants_, now))
    caf::anon_send(context_->clients, client_subscribed{id(), handle(), now});
}

/// Gives back read credit, unless what was read waits for its turn.
void mqtt_client::give_back(std::size_t count) {
  if (dialog_) {
    count += std::exchange(dialog_->held_back, 0u);
    if (dialog_->crowded()) {
      dialog_->held_back = count;
      return;
    }
  }
  if (count > 0)
    connection_->give_back(count);
}

void mqtt_client::forget_idle_dialog() {
  if (dialog_ && dialog_->idle())
    dialog_.reset();
}

mqtt_dialog& mqtt_client::dialog() {
  if (!dialog_)
    dialog_ = std::make_unique<mqtt_dialog>(session_, context_->twins,
                                            context_->limits.twin_operations);
  return *dialog_;
}

} // namespace tidegate
