#include "benchmarks/harness/net/mqtt_connection.hpp"

#include "messages/mqtt/encode.hpp"

#include <cstring>

namespace tidegate::harness {

namespace {

using boost::system::error_code;

/// The largest packet MQTT can say.
constexpr std::size_t any_size = 268'435'460;

} // namespace

mqtt_connection::mqtt_connection(const stream_factory& streams,
                                 client_spec spec, client_listener& listener,
                                 std::vector<std::string> filters,
                                 std::size_t input_size)
  : spec_(std::move(spec)), listener_(listener), filters_(std::move(filters)),
    stream_(streams.make(spec_.to.over, "mqtt")), input_(input_size) {}

void mqtt_connection::open() {
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

void mqtt_connection::send_connect() {
  mqtt::connect packet;
  packet.clean_session = spec_.clean_session;
  packet.client_id = spec_.client_id;
  if (!spec_.user_name.empty())
    packet.user_name = spec_.user_name;
  if (!spec_.password.empty())
    packet.password = spec_.password;
  if (mqtt::encode(output_, packet))
    flush();
  else
    fail("a name is too long for an MQTT packet");
}

void mqtt_connection::flush() {
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

void mqtt_connection::close() {
  closed_ = true;
  stream_->close();
}

bool mqtt_connection::fail(std::string_view why) {
  if (!closed_) {
    close();
    listener_.on_closed(why);
  }
  return false;
}

void mqtt_connection::read() {
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

void mqtt_connection::read_done(std::size_t count) {
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

bool mqtt_connection::handle(const mqtt::raw_packet& packet) {
  switch (packet.type) {
  case mqtt::packet_type::puback: {
    const auto found = mqtt::decode_packet_id(packet);
    return found ? handle_puback(found.packet) : fail(found.why);
  }
  case mqtt::packet_type::publish: {
    const auto found = mqtt::decode_publish(packet);
    return found ? handle_publish(found.packet) : fail(found.why);
  }
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

bool mqtt_connection::handle_connack(const mqtt::raw_packet& packet) {
  const auto found = mqtt::decode_connack(packet);
  if (!found)
    return fail(found.why);
  if (found.packet.code != mqtt::connect_code::accepted)
    return fail("the server refused " + spec_.client_id + " with code "
                + std::to_string(static_cast<int>(found.packet.code)));
  if (filters_.empty()) {
    subscribed();
    return !closed_;
  }
  mqtt::subscribe request;
  request.packet_id = 1;
  for (const auto& filter : filters_)
    request.entries.push_back({filter, mqtt::qos::at_least_once});
  if (!mqtt::encode(output_, request))
    return fail("a filter is too long for an MQTT packet");
  return true;
}

bool mqtt_connection::handle_suback(const mqtt::raw_packet& packet) {
  const auto found = mqtt::decode_suback(packet);
  if (!found)
    return fail(found.why);
  for (std::size_t i = 0; i < filters_.size(); ++i)
    if (i >= found.packet.granted.size()
        || found.packet.granted[i] == mqtt::subscribe_failed)
      return fail("the server refused to subscribe to " + filters_[i]);
  subscribed();
  return !closed_;
}

} // namespace tidegate::harness
