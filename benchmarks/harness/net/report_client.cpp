#include "benchmarks/harness/net/report_client.hpp"

#include "benchmarks/harness/net/request_id.hpp"
#include "messages/mqtt/encode.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate::harness {

namespace {

constexpr std::size_t input_size = 16'384;

/// The desired properties in the answer to a GET; empty when it has none.
std::string desired_in(std::string_view twin) {
  boost::system::error_code bad;
  const auto document = boost::json::parse(twin, bad);
  const auto* const desired = !bad && document.is_object()
                                ? document.get_object().if_contains("desired")
                                : nullptr;
  return desired ? boost::json::serialize(*desired) : std::string{};
}

} // namespace

report_client::report_client(const stream_factory& streams, client_spec spec,
                             client_listener& listener)
  : mqtt_connection{
    streams,
    std::move(spec),
    listener,
    {"$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#"},
    input_size} {}

void report_client::subscribed() {
  mqtt::publish packet;
  packet.topic = "$iothub/twin/GET/?$rid=get";
  if (mqtt::encode(output(), packet))
    mqtt_connection::subscribed();
}

bool report_client::publish(std::uint64_t number, const stamp&) {
  const auto text = std::to_string(number);
  const auto topic = "$iothub/twin/PATCH/properties/reported/?$rid=" + text;
  const auto body = "{\"n\":" + text + "}";
  mqtt::publish packet;
  packet.topic = topic;
  packet.payload = body;
  return mqtt::encode(output(), packet);
}

bool report_client::handle_publish(const mqtt::publish& packet) {
  if (packet.topic.starts_with("$iothub/twin/res/200/"))
    listener().on_message(desired_in(packet.payload));
  else if (packet.topic.starts_with("$iothub/twin/PATCH/"))
    listener().on_message(packet.payload);
  else if (const auto number = request_number(packet.topic);
           number && packet.topic.starts_with("$iothub/twin/res/204/"))
    listener().on_acknowledged(*number);
  else
    return fail("a report was answered with " + std::string{packet.topic});
  return !closed();
}

} // namespace tidegate::harness
