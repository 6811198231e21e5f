#include "benchmarks/harness/net/mqtt_client.hpp"

#include "messages/mqtt/encode.hpp"

namespace tidegate::harness {

namespace {

/// What an idle or publishing client ever reads is small; it grows if not.
constexpr std::size_t small_input = 4096;
constexpr std::size_t large_input = 262'144;

/// No window leaves room for it, so that none of its messages has it.
constexpr std::uint16_t offence_id = 65'535;

bool publishes(role does) {
  return does == role::publish || does == role::relay;
}

bool subscribes(role does) {
  return does == role::subscribe || does == role::relay;
}

std::vector<std::string> filters_of(const client_spec& spec) {
  if (subscribes(spec.does))
    return {spec.input};
  return {};
}

} // namespace

mqtt_client::mqtt_client(const stream_factory& streams, client_spec spec,
                         client_listener& listener)
  : mqtt_connection{streams, spec, listener, filters_of(spec),
                    subscribes(spec.does) ? large_input : small_input},
    in_flight_(spec.window) {
  if (publishes(spec.does))
    prepare();
}

void mqtt_client::prepare() {
  const auto payload = blank_payload(spec().payload_size);
  mqtt::publish packet;
  packet.topic = spec().output;
  packet.payload = payload;
  packet.packet_id = 1;
  packet.quality = mqtt::qos::at_least_once;
  if (!mqtt::encode(packet_, packet))
    return; // reported by open()
  packet_id_at_ = packet_.size() - payload.size() - 2;
  stamp_at_ = packet_.size() - payload.size() + stamp_offset;
}

void mqtt_client::open() {
  if (publishes(spec().does) && packet_.empty())
    fail("topic or payload is too long for an MQTT packet");
  else
    mqtt_connection::open();
}

bool mqtt_client::publish(std::uint64_t number, const stamp& what) {
  const auto id = in_flight_.add(number);
  if (!id)
    return false;
  const auto at = output().size();
  output().append(packet_);
  output()[at + packet_id_at_] = static_cast<char>(*id >> 8);
  output()[at + packet_id_at_ + 1] = static_cast<char>(*id & 0xff);
  write_stamp(output().data() + at + stamp_at_, what);
  return true;
}

bool mqtt_client::offend(offence how) {
  if (std::exchange(offending_, true))
    return false;
  mqtt::publish packet;
  packet.packet_id = offence_id;
  packet.quality = mqtt::qos::at_least_once;
  std::string topic = spec().output;
  if (how == offence::properties)
    for (std::size_t i = 0; i < too_many_properties; ++i)
      topic += (topic.ends_with('/') ? "p" : "&p") + std::to_string(i) + "=1";
  if (how == offence::topic)
    topic += "p=" + std::string(longest_topic - topic.size() - 2, 'x');
  const auto payload = blank_payload(
    how == offence::payload ? too_many_bytes : smallest_payload);
  packet.topic = topic;
  packet.payload = payload;
  return mqtt::encode(output(), packet);
}

void mqtt_client::acknowledge() {
  mqtt::encode_packet_id(output(), mqtt::packet_type::puback,
                         unacknowledged_.front());
  unacknowledged_.pop_front();
}

bool mqtt_client::handle_publish(const mqtt::publish& packet) {
  const auto waits = packet.quality != mqtt::qos::at_most_once;
  if (waits)
    unacknowledged_.push_back(packet.packet_id);
  const auto now = listener().on_message(packet.payload);
  if (waits && now && !closed())
    acknowledge();
  return !closed();
}

bool mqtt_client::handle_puback(std::uint16_t packet_id) {
  if (packet_id == offence_id && offending_) {
    listener().on_offence_answered(true);
    return !closed();
  }
  if (const auto sequence = in_flight_.take(packet_id))
    listener().on_acknowledged(*sequence);
  return !closed();
}

} // namespace tidegate::harness
