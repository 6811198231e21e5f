#include "benchmarks/harness/net/twin_client.hpp"

#include "benchmarks/harness/net/request_id.hpp"
#include "messages/mqtt/encode.hpp"

namespace tidegate::harness {

namespace {

constexpr std::size_t input_size = 16'384;
constexpr std::string_view twin_answer = "$iothub/twin/res/";

} // namespace

twin_client::twin_client(const stream_factory& streams, client_spec spec,
                         client_listener& listener)
  : mqtt_connection{
    streams, std::move(spec), listener, {"$iothub/twin/res/#"}, input_size} {}

bool twin_client::publish(std::uint64_t number, const stamp&) {
  if (asked_ - answered_ >= spec().window)
    return false;
  ++asked_;
  const auto topic = "$iothub/twin/GET/?$rid=" + std::to_string(number);
  mqtt::publish packet;
  packet.topic = topic;
  return mqtt::encode(output(), packet);
}

bool twin_client::handle_publish(const mqtt::publish& packet) {
  if (!packet.topic.starts_with(twin_answer))
    return true;
  if (!packet.topic.starts_with("$iothub/twin/res/200/"))
    return fail("a twin was answered with " + std::string{packet.topic});
  const auto number = request_number(packet.topic);
  if (!number)
    return fail("a twin was answered without $rid");
  ++answered_;
  listener().on_acknowledged(*number);
  return !closed();
}

method_client::method_client(const stream_factory& streams, client_spec spec,
                             client_listener& listener)
  : mqtt_connection{streams,
                    std::move(spec),
                    listener,
                    {"$iothub/methods/POST/#"},
                    input_size} {}

bool method_client::handle_publish(const mqtt::publish& packet) {
  const auto rid = request_id(packet.topic);
  const auto topic = "$iothub/methods/res/200/?$rid=" + std::string{rid};
  mqtt::publish answer;
  answer.topic = topic;
  answer.payload = packet.payload;
  listener().on_message(packet.payload);
  return mqtt::encode(output(), answer);
}

} // namespace tidegate::harness
