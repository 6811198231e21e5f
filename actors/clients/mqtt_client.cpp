#include "actors/clients/mqtt_client.hpp"

#include "actors/log.hpp"
#include "messages/mqtt/encode.hpp"

#include <caf/send.hpp>

#include <utility>

namespace tidegate {

namespace {

using mqtt::packet_type;

/// The prefix of the sinks that are this module's inputs (edge-hub spec 4.2).
std::string sink_prefix(const identity_id& module) {
  return to_string(module) + '/';
}

std::vector<delivered_range> all_of(const deliver& wish,
                                    delivery_result result) {
  std::vector<delivered_range> ranges;
  for (const auto& item : wish.items)
    ranges.push_back(
      {item.lane, item.block.first + item.from, item.to - item.from, result});
  return ranges;
}

} // namespace

mqtt_client::mqtt_client(session_context_ptr context, transport_ptr connection,
                         caf::event_based_actor* session, mqtt_wishes wishes)
  : context_{std::move(context)}, connection_{std::move(connection)},
    session_{session}, wishes_{std::move(wishes)},
    inbound_{context_, wishes_.speaker, handle(),
             [this](const inbound_topic& request, const bytes& payload,
                    std::optional<ingress::hold> held) {
               take_request(request, payload, held);
             }},
    subscriptions_{context_->limits.subscriptions} {}

void mqtt_client::welcome() {
  std::optional<std::vector<granted_filter>> stored;
  if (context_->sessions) {
    if (wishes_.clean_session)
      context_->sessions->erase(id());
    else
      stored = context_->sessions->load(id());
  }
  encode(out_, mqtt::connack{stored.has_value(), {}});
  if (stored) {
    subscriptions_
      = subscription_set{context_->limits.subscriptions, std::move(*stored)};
    tell_wants();
    take_or_leave_inputs();
  } else if (context_->sessions && !wishes_.clean_session) {
    context_->sessions->save(id(), {});
  }
  write();
}

bool mqtt_client::take(const bytes& packets, time_point now) {
  mqtt::packet_cursor cursor{packets.view};
  mqtt::raw_packet raw;
  while (!ended_ && cursor.next(raw))
    take(raw, packets);
  if (!ended_ && !cursor.why().empty())
    end(cursor.why());
  inbound_.flush(packets.size());
  send_decisions();
  if (std::exchange(acknowledged_, false))
    progress_ = now;
  send_deliveries();
  write();
  return !ended_;
}

void mqtt_client::take(const mqtt::raw_packet& raw, const bytes& buffer) {
  switch (raw.type) {
  case packet_type::publish:
    return take_publish(raw, buffer);
  case packet_type::puback:
    return acknowledge(raw);
  case packet_type::subscribe:
    return subscribe(raw);
  case packet_type::unsubscribe:
    return unsubscribe(raw);
  case packet_type::pingreq:
    if (const auto ping = mqtt::decode_empty(raw); !ping)
      return end(ping.why);
    return mqtt::encode_empty(out_, packet_type::pingresp);
  case packet_type::disconnect:
    if (const auto goodbye = mqtt::decode_empty(raw); !goodbye)
      return end(goodbye.why);
    goodbye_ = ended_ = true;
    return;
  case packet_type::pubrec:
  case packet_type::pubrel:
  case packet_type::pubcomp:
    return; // tolerated (edge-hub spec 1.10)
  case packet_type::connect:
    return end("second CONNECT on a connection");
  default:
    return end("packet that only a server may send");
  }
}

void mqtt_client::take_publish(const mqtt::raw_packet& raw,
                               const bytes& buffer) {
  const auto decoded = mqtt::decode_publish(raw);
  if (!decoded)
    return end(decoded.why);
  if (const auto why = inbound_.take(decoded.packet, buffer); !why.empty())
    return end(why);
  if (decoded.packet.quality == mqtt::qos::exactly_once)
    end("PUBLISH with quality of service 2");
}

void mqtt_client::acknowledge(const mqtt::raw_packet& raw) {
  const auto decoded = mqtt::decode_packet_id(raw);
  if (!decoded)
    return end(decoded.why);
  if (!feed_)
    return;
  acknowledged_ = feed_->acknowledge(decoded.packet) || acknowledged_;
  if (const auto commands = feed_->take_commands(); commands > 0)
    decide_commands(commands, c2d_outcome::complete);
}

void mqtt_client::subscribe(const mqtt::raw_packet& raw) {
  const auto decoded = mqtt::decode_subscribe(raw);
  if (!decoded)
    return end(decoded.why);
  const auto before = subscriptions_.all();
  mqtt::suback answer{decoded.packet.packet_id, {}};
  for (const auto& wish : decoded.packet.entries) {
    const auto granted = subscriptions_.add(wish);
    answer.granted.push_back(granted ? static_cast<std::uint8_t>(*granted)
                                     : mqtt::subscribe_failed);
  }
  encode(out_, answer);
  if (subscriptions_.all() != before)
    subscriptions_changed();
}

void mqtt_client::unsubscribe(const mqtt::raw_packet& raw) {
  const auto decoded = mqtt::decode_unsubscribe(raw);
  if (!decoded)
    return end(decoded.why);
  const auto before = subscriptions_.all();
  for (const auto filter : decoded.packet.filters)
    subscriptions_.remove(filter);
  mqtt::encode_packet_id(out_, packet_type::unsuback, decoded.packet.packet_id);
  if (subscriptions_.all() != before)
    subscriptions_changed();
}

void mqtt_client::subscriptions_changed() {
  if (context_->sessions && !wishes_.clean_session)
    context_->sessions->save(id(), subscriptions_.all());
  tell_wants();
  take_or_leave_inputs();
}

void mqtt_client::take_or_leave_inputs() {
  if (feed_)
    feed_->subscriptions_changed();
  const bool wanted = id().is_module() && id().device == context_->device
                      && subscriptions_.has(subscription_kind::module_inputs);
  if (wanted == std::exchange(takes_inputs_, wanted))
    return;
  if (wanted) {
    caf::anon_send(context_->router,
                   target_ready{sink_prefix(id()), handle(),
                                context_->limits.outbound_window});
  } else {
    caf::anon_send(context_->router, target_gone{sink_prefix(id()), handle()});
    feed_.reset(); // with the target gone, routes send all of it again
  }
}

bool mqtt_client::take(const append_done& answer) {
  inbound_.done(answer);
  send_decisions();
  write();
  return !ended_;
}

void mqtt_client::send_decisions() {
  auto decided = inbound_.decide();
  if (!ended_)
    out_.append(decided.pubacks);
  if (decided.give_back > 0)
    give_back(decided.give_back);
  if (decided.error) {
    refused_ = true;
    end("messages could not be stored");
  }
}

void mqtt_client::take(const deliver& wish, time_point now) {
  if (!takes_inputs_ || ended_) {
    caf::anon_send(wish.route, delivered{all_of(wish, delivery_result::retry)});
    return;
  }
  if (feed().in_flight() == 0)
    progress_ = now;
  feed().take(wish);
  send_deliveries();
  write();
}

void mqtt_client::send_deliveries() {
  if (!feed_)
    return;
  feed_->send(subscriptions_, out_);
  for (auto& [route, ranges] : feed_->take_answers())
    caf::anon_send(route, std::move(ranges));
  if (feed_->wants_drained() && !std::exchange(waits_for_drained_, true))
    connection_->tell_drained();
}

void mqtt_client::take(const drained&) {
  waits_for_drained_ = false;
  if (feed_)
    feed_->drained();
  send_deliveries();
  write();
}

void mqtt_client::watch(time_point now) {
  if (!feed_ || feed_->in_flight() == 0
      || now - progress_ < context_->limits.acknowledgement)
    return;
  log::warning("mqtt",
               "client acknowledges nothing; its messages are tried "
               "again",
               {{"id", to_string(id())},
                {"messages", std::to_string(feed_->in_flight())}});
  feed_->give_up();
  if (dialog_)
    decide_commands(dialog_->commands(), c2d_outcome::abandon);
  send_deliveries();
}

void mqtt_client::leave() {
  ended_ = true;
  if (std::exchange(takes_inputs_, false))
    caf::anon_send(context_->router, target_gone{sink_prefix(id()), handle()});
  feed_.reset();
  if (goodbye_ || !wishes_.last_will)
    return;
  // It would overtake the messages that the client is going to send again.
  if (refused_)
    return log::warning("mqtt", "will is not published: the store is refusing",
                        {{"id", to_string(id())}});
  auto& [topic, payload, retain] = *wishes_.last_will;
  const auto why = inbound_.take_will(topic, std::move(payload), retain);
  if (!why.empty())
    log::warning("mqtt", "will is not published",
                 {{"id", to_string(id())}, {"why", std::string{why}}});
  inbound_.flush(0);
  send_decisions();
}

void mqtt_client::end(std::string_view fault) {
  ended_ = true;
  if (fault_.empty())
    fault_ = fault;
}

void mqtt_client::write() {
  if (out_.empty())
    return;
  connection_->write(own(std::exchange(out_, {})));
}

caf::actor mqtt_client::handle() const {
  return caf::actor_cast<caf::actor>(session_);
}

input_feed& mqtt_client::feed() {
  if (!feed_)
    feed_ = std::make_unique<input_feed>(
      id(), input_feed::window{context_->limits.outbound_window,
                               context_->limits.outbound_bytes});
  return *feed_;
}

} // namespace tidegate
