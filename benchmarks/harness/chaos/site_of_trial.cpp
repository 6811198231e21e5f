#include "benchmarks/harness/chaos/trial.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate::harness {

namespace {

constexpr const char* direct = "direct-";
constexpr const char* relayed = "relayed-";

std::string from_devices(const std::string& prefix) {
  return "FROM /messages/* WHERE starts_with($connectionDeviceId, '" + prefix
         + "') INTO ";
}

} // namespace

std::string chaos_publisher(std::size_t index, bool through_relay) {
  return (through_relay ? relayed : direct) + std::to_string(index);
}

std::map<std::string, std::string> chaos_routes(bool with_relay) {
  std::map<std::string, std::string> routes;
  routes["direct"] = from_devices(direct) + "$upstream";
  if (with_relay) {
    routes["toRelay"] = from_devices(relayed)
                        + "BrokeredEndpoint(\"/modules/relay/inputs/in\")";
    routes["fromRelay"]
      = "FROM /messages/modules/relay/outputs/* INTO $upstream";
  }
  return routes;
}

std::string chaos_manifest(const std::filesystem::path& program) {
  namespace json = boost::json;
  const json::object relay{{"type", "process"},
                           {"status", "running"},
                           {"restartPolicy", "always"},
                           {"settings", {{"image", program.string()}}},
                           {"env", {{"THRESHOLD", {{"value", "none"}}}}}};
  const json::object agent{{"schemaVersion", "1.1"},
                           {"runtime", {{"type", "process"}}},
                           {"systemModules", json::object{}},
                           {"modules", {{"relay", relay}}}};
  return json::serialize(json::object{
    {"modulesContent", {{"$edgeAgent", {{"properties.desired", agent}}}}}});
}

} // namespace tidegate::harness
