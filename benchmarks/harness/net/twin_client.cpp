#include "benchmarks/harness/net/twin_client.hpp"

#include "messages/mqtt/encode.hpp"

#include <charconv>

namespace tidegate::harness {

namespace {

constexpr std::size_t input_size = 16'384;
constexpr std::string_view twin_answer = "$iothub/twin/res/";
constexpr std::string_view request_id = "/?$rid=";

/// What follows `$rid=` in a topic; empty without one.
std::string_view rid_of(std::string_view topic) {
  const auto at = topic.find(request_id);
  return at == std::string_view::npos ? std::string_view{}
                                      : topic.substr(at + request_id.size());
}

} // namespace

twin_client::twin_client(const stream_factory& streams, client_spec spec,
                         client_listener& listener)
  : mqtt_connection{streams, std::move(spec), listener, "$iothub/twin/res/#",
                    input_size} {}

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
  const auto rid = rid_of(packet.topic);
  if (!packet.topic.starts_with(twin_answer))
    return true;
  if (!packet.topic.starts_with("$iothub/twin/res/200/"))
    return fail("a twin was answered with " + std::string{packet.topic});
  std::uint64_t number = 0;
  const auto read
    = std::from_chars(rid.data(), rid.data() + rid.size(), number);
  if (read.ec != std::errc{})
    return fail("a twin was answered without $rid");
  ++answered_;
  listener().on_acknowledged(number);
  return !closed();
}

method_client::method_client(const stream_factory& streams, client_spec spec,
                             client_listener& listener)
  : mqtt_connection{streams, std::move(spec), listener,
                    "$iothub/methods/POST/#", input_size} {}

bool method_client::handle_publish(const mqtt::publish& packet) {
  const auto rid = rid_of(packet.topic);
  const auto topic = "$iothub/methods/res/200/?$rid=" + std::string{rid};
  mqtt::publish answer;
  answer.topic = topic;
  answer.payload = "{}";
  return mqtt::encode(output(), answer);
}

} // namespace tidegate::harness
