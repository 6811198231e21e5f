#include "benchmarks/harness/net/mqtt_client.hpp"

#include "messages/mqtt/encode.hpp"

#include <cstring>

namespace tidegate::harness {

namespace {

using boost::system::error_code;

/// What an idle or publishing client ever reads is small; it grows if not.
constexpr std::size_t small_input = 4096;
constexpr std::size_t large_input = 262'144;
/// The largest packet MQTT can say.
constexpr std::size_t any_size = 268'435'460;

} // namespace

mqtt_client::mqtt_client(const stream_factory& streams, client_spec spec,
                         client_listener& listener)
  : spec_(std::move(spec)), listener_(listener),
    stream_(streams.make(spec_.to.over, "mqtt")), in_flight_(spec_.window),
    input_(subscribes() ? large_input : small_input) {
  if (publishes())
    prepare();
}

void mqtt_client::prepare() {
  const auto payload = blank_payload(spec_.payload_size);
  mqtt::publish packet;
  packet.topic = spec_.output;
  packet.payload = payload;
  packet.packet_id = 1;
  packet.quality = mqtt::qos::at_least_once;
  if (!mqtt::encode(packet_, packet))
    return; // reported by open()
  packet_id_at_ = packet_.size() - payload.size() - 2;
  stamp_at_ = packet_.size() - payload.size() + stamp_offset;
}

void mqtt_client::open() {
  auto self = shared_from_this();
  stream_->open(spec_.to, [this, self](error_code bad) {
    if (closed_)
      return;
    if (bad) {
      fail(bad.message());
      return;
    }
    send_connect();
    read();
  });
}

void mqtt_client::send_connect() {
  mqtt::connect packet;
  packet.clean_session = spec_.clean_session;
  packet.client_id = spec_.client_id;
  if (!spec_.user_name.empty())
    packet.user_name = spec_.user_name;
  if (!spec_.password.empty())
    packet.password = spec_.password;
  if (!mqtt::encode(output_, packet) || (publishes() && packet_.empty())) {
    fail("topic, name or payload is too long for an MQTT packet");
    return;
  }
  flush();
}

bool mqtt_client::publish(std::uint64_t number, const stamp& what) {
  const auto id = in_flight_.add(number);
  if (!id)
    return false;
  const auto at = output_.size();
  output_.append(packet_);
  output_[at + packet_id_at_] = static_cast<char>(*id >> 8);
  output_[at + packet_id_at_ + 1] = static_cast<char>(*id & 0xff);
  write_stamp(output_.data() + at + stamp_at_, what);
  return true;
}

void mqtt_client::acknowledge() {
  mqtt::encode_packet_id(output_, mqtt::packet_type::puback,
                         unacknowledged_.front());
  unacknowledged_.pop_front();
}

void mqtt_client::flush() {
  if (writing_ || closed_ || output_.empty())
    return;
  writing_ = true;
  sending_.clear();
  sending_.swap(output_);
  auto self = shared_from_this();
  stream_->write(boost::asio::buffer(sending_),
                 [this, self](error_code bad, std::size_t) {
                   writing_ = false;
                   if (closed_)
                     return;
                   if (bad)
                     fail(bad.message());
                   else
                     flush();
                 });
}

void mqtt_client::close() {
  closed_ = true;
  stream_->close();
}

bool mqtt_client::fail(std::string_view why) {
  if (!closed_) {
    close();
    listener_.on_closed(why);
  }
  return false;
}

void mqtt_client::read() {
  auto self = shared_from_this();
  stream_->read_some(
    boost::asio::buffer(input_.data() + filled_, input_.size() - filled_),
    [this, self](error_code bad, std::size_t count) {
      if (closed_)
        return;
      if (bad)
        fail(bad.message());
      else
        read_done(count);
    });
}

void mqtt_client::read_done(std::size_t count) {
  filled_ += count;
  const std::string_view all{input_.data(), filled_};
  const auto scan = mqtt::scan_frames(all, any_size);
  mqtt::packet_cursor packets{all.substr(0, scan.complete)};
  for (mqtt::raw_packet packet; packets.next(packet);)
    if (closed_ || !handle(packet))
      return;
  if (!packets.why().empty() || !scan.error.empty()) {
    fail(scan.error.empty() ? packets.why() : scan.error);
    return;
  }
  filled_ -= scan.complete;
  std::memmove(input_.data(), input_.data() + scan.complete, filled_);
  if (scan.pending > input_.size())
    input_.resize(scan.pending);
  listener_.on_batch_end();
  flush();
  if (!closed_)
    read();
}

bool mqtt_client::handle(const mqtt::raw_packet& packet) {
  switch (packet.type) {
  case mqtt::packet_type::puback:
    return handle_puback(packet);
  case mqtt::packet_type::publish:
    return handle_publish(packet);
  case mqtt::packet_type::connack:
    return handle_connack(packet);
  case mqtt::packet_type::suback:
    return handle_suback(packet);
  case mqtt::packet_type::pingresp:
    return true;
  default:
    return fail("the server sent a packet that only clients send");
  }
}

bool mqtt_client::handle_connack(const mqtt::raw_packet& packet) {
  const auto found = mqtt::decode_connack(packet);
  if (!found)
    return fail(found.why);
  if (found.packet.code != mqtt::connect_code::accepted)
    return fail("the server refused " + spec_.client_id + " with code "
                + std::to_string(static_cast<int>(found.packet.code)));
  if (!subscribes()) {
    listener_.on_ready();
    return !closed_;
  }
  mqtt::subscribe request;
  request.packet_id = 1;
  request.entries = {{spec_.input, mqtt::qos::at_least_once}};
  if (!mqtt::encode(output_, request))
    return fail("the filter is too long for an MQTT packet");
  return true;
}

bool mqtt_client::handle_suback(const mqtt::raw_packet& packet) {
  const auto found = mqtt::decode_suback(packet);
  if (!found)
    return fail(found.why);
  if (found.packet.granted.empty()
      || found.packet.granted[0] == mqtt::subscribe_failed)
    return fail("the server refused to subscribe to " + spec_.input);
  listener_.on_ready();
  return !closed_;
}

bool mqtt_client::handle_publish(const mqtt::raw_packet& packet) {
  const auto found = mqtt::decode_publish(packet);
  if (!found)
    return fail(found.why);
  const auto waits = found.packet.quality != mqtt::qos::at_most_once;
  if (waits)
    unacknowledged_.push_back(found.packet.packet_id);
  const auto now = listener_.on_message(found.packet.payload);
  if (waits && now && !closed_)
    acknowledge();
  return !closed_;
}

bool mqtt_client::handle_puback(const mqtt::raw_packet& packet) {
  const auto found = mqtt::decode_packet_id(packet);
  if (!found)
    return fail(found.why);
  if (const auto sequence = in_flight_.take(found.packet))
    listener_.on_acknowledged(*sequence);
  return !closed_;
}

} // namespace tidegate::harness
