#include "actors/clients/mqtt_inbound.hpp"

#include "actors/log.hpp"
#include "messages/iothub/property_bag.hpp"
#include "messages/iothub/telemetry_head.hpp"
#include "messages/mqtt/encode.hpp"

#include <utility>

namespace tidegate {

namespace {

/// What comes back when a message is decided: its packet identifier if it is
/// to be acknowledged then, otherwise 0.
ingress::ticket ticket_of(const mqtt::publish& packet) {
  return packet.quality == mqtt::qos::at_least_once ? packet.packet_id : 0u;
}

} // namespace

mqtt_inbound::mqtt_inbound(const session_context_ptr& context,
                           mqtt_speaker speaker, caf::actor session,
                           request_handler on_request)
  : ingress_{context, std::move(session)}, speaker_{std::move(speaker)},
    on_request_{std::move(on_request)} {}

std::string_view mqtt_inbound::take(const mqtt::publish& packet,
                                    const bytes& buffer) {
  if (!packet.retain && !packet.dup) {
    if (const auto* head = topics_.find(packet.topic))
      return add(*head, {buffer.owner, packet.payload}, ticket_of(packet));
  }
  const auto parsed = parse_inbound_topic(packet.topic, speaker_.id);
  switch (parsed.kind) {
  case inbound_kind::telemetry:
    return take_telemetry(packet, buffer, parsed.bag);
  case inbound_kind::twin_get:
  case inbound_kind::twin_patch:
    take_twin_operation(parsed, packet, buffer);
    return {};
  case inbound_kind::method_response:
    on_request_(parsed, {buffer.owner, packet.payload}, {});
    pass(ticket_of(packet));
    return {};
  case inbound_kind::violation:
    return parsed.why;
  case inbound_kind::unknown:
    break;
  }
  drop("bad_topic", "no topic of the hub", ticket_of(packet));
  return {};
}

/// At quality 1 the PUBACK follows the operation. What came before it in the
/// same chunk does not wait.
void mqtt_inbound::take_twin_operation(const inbound_topic& request,
                                       const mqtt::publish& packet,
                                       const bytes& buffer) {
  std::optional<ingress::hold> held;
  if (const auto ticket = ticket_of(packet); ticket != 0) {
    flush(0);
    held = ingress_.wait(ticket);
    taken_ = true;
  }
  on_request_(request, {buffer.owner, packet.payload}, held);
}

std::string_view mqtt_inbound::take_telemetry(const mqtt::publish& packet,
                                              const bytes& buffer,
                                              std::string_view bag) {
  auto decoded = decode_property_bag(bag);
  if (!decoded) {
    drop("bad_properties", decoded.why, ticket_of(packet));
    return {};
  }
  telemetry_facts facts;
  facts.bag = std::move(decoded.entries);
  facts.retain = packet.retain;
  facts.dup = packet.dup;
  facts.model_id = speaker_.model_id;
  facts.method = speaker_.method;
  auto head = ingress_.prepare(make_head(speaker_.id, std::move(facts)));
  if (!packet.retain && !packet.dup)
    topics_.insert(packet.topic, head);
  return add(head, {buffer.owner, packet.payload}, ticket_of(packet));
}

std::string_view mqtt_inbound::take_will(std::string_view topic, bytes payload,
                                         bool retain) {
  const auto parsed = parse_inbound_topic(topic, speaker_.id);
  if (parsed.kind != inbound_kind::telemetry)
    return "the will's topic is not for telemetry of its client";
  auto decoded = decode_property_bag(parsed.bag);
  if (!decoded)
    return decoded.why;
  telemetry_facts facts;
  facts.bag = std::move(decoded.entries);
  facts.retain = retain;
  facts.will = true;
  facts.model_id = speaker_.model_id;
  facts.method = speaker_.method;
  return add(ingress_.prepare(make_head(speaker_.id, std::move(facts))),
             std::move(payload), 0);
}

/// An MQTT 3.1.1 server can refuse a message in one way: it closes the
/// connection without having acknowledged it.
std::string_view mqtt_inbound::add(const routed_head_ptr& head, bytes payload,
                                   ingress::ticket ticket) {
  if (auto refused = ingress_.refuse(*head, payload.view)) {
    refusal_ = std::move(refused->why);
    return refusal_;
  }
  taken_ = true;
  ingress_.add(head, std::move(payload), ticket);
  return {};
}

void mqtt_inbound::pass(ingress::ticket ticket) {
  taken_ = true;
  ingress_.pass(ticket);
}

void mqtt_inbound::drop(std::string_view what, std::string_view why,
                        ingress::ticket ticket) {
  log::warning("mqtt", "message dropped",
               {{"id", to_string(speaker_.id)}, {"why", std::string{why}}});
  ingress_.count_refused(speaker_.id, what);
  pass(ticket);
}

void mqtt_inbound::flush(std::size_t received) {
  if (!std::exchange(taken_, false)) {
    free_ += received;
    return;
  }
  held_.push_back(received);
  ingress_.flush();
}

mqtt_inbound::decision mqtt_inbound::decide() {
  decision result;
  result.give_back = std::exchange(free_, 0);
  while (auto next = ingress_.next_decision()) {
    result.give_back += held_.front();
    held_.pop_front();
    if (next->error && !result.error)
      result.error = std::move(next->error);
    if (result.error)
      continue;
    for (const auto packet_id : next->tickets)
      if (packet_id != 0)
        mqtt::encode_packet_id(result.pubacks, mqtt::packet_type::puback,
                               static_cast<std::uint16_t>(packet_id));
  }
  return result;
}

} // namespace tidegate
