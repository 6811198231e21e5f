#include "benchmarks/harness/chaos/site_of_trial.hpp"

#include "benchmarks/harness/chaos/relay.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate::harness {

namespace {

namespace json = boost::json;

constexpr const char* mqtt_relay = "relay-mqtt";
constexpr const char* amqp_relay = "relay-amqp";
constexpr const char* direct = "direct";

std::string from_devices(const std::string& prefix) {
  return "FROM /messages/* WHERE starts_with($connectionDeviceId, '" + prefix
         + "-') INTO ";
}

json::object text(const std::string& value) { return {{"value", value}}; }

} // namespace

std::vector<std::string> relay_names(bool with_amqp) {
  std::vector<std::string> names{mqtt_relay};
  if (with_amqp)
    names.emplace_back(amqp_relay);
  return names;
}

bool is_relayed(std::size_t index, const std::vector<std::string>& relays) {
  return !relays.empty() && index % 2 == 1;
}

std::string chaos_publisher(std::size_t index,
                            const std::vector<std::string>& relays) {
  return (is_relayed(index, relays) ? relays[index / 4 % relays.size()]
                                    : direct)
         + "-" + std::to_string(index);
}

std::string crowd_sender(std::size_t index) {
  return direct + ("-crowd-" + std::to_string(index));
}

std::map<std::string, std::string>
chaos_routes(const std::vector<std::string>& relays) {
  std::map<std::string, std::string> routes;
  routes[direct] = from_devices(direct) + "$upstream";
  for (const auto& relay : relays) {
    routes["to-" + relay] = from_devices(relay) + "BrokeredEndpoint(\"/modules/"
                            + relay + "/inputs/in\")";
    routes["from-" + relay]
      = "FROM /messages/modules/" + relay + "/outputs/* INTO $upstream";
  }
  return routes;
}

std::string chaos_manifest(const std::filesystem::path& program,
                           const std::vector<std::string>& relays,
                           const node_ports& ports) {
  const auto options
    = json::serialize(json::object{{"Cmd", json::array{relay_command}}});
  json::object modules;
  for (const auto& relay : relays) {
    const auto amqp = relay == amqp_relay;
    modules[relay] = {
      {"type", "process"},
      {"status", "running"},
      {"restartPolicy", "always"},
      {"settings", {{"image", program.string()}, {"createOptions", options}}},
      {"env",
       {{relay_protocol, text(amqp ? "amqp" : "mqtt")},
        {relay_port, text(std::to_string(amqp ? ports.amqp : ports.mqtt))}}}};
  }
  const json::object agent{{"schemaVersion", "1.1"},
                           {"runtime", {{"type", "process"}}},
                           {"systemModules", json::object{}},
                           {"modules", std::move(modules)}};
  return json::serialize(json::object{
    {"modulesContent", {{"$edgeAgent", {{"properties.desired", agent}}}}}});
}

} // namespace tidegate::harness
