#include "messages/deployment/environment.hpp"

#include "messages/message_head.hpp"

#include <algorithm>
#include <array>

namespace tidegate::deployment {

namespace {

constexpr std::array<std::string_view, 9> injected{
  "IOTEDGE_WORKLOADURI",        "IOTEDGE_AUTHSCHEME",
  "IOTEDGE_MODULEGENERATIONID", "IOTEDGE_IOTHUBHOSTNAME",
  "IOTEDGE_DEVICEID",           "IOTEDGE_MODULEID",
  "IOTEDGE_APIVERSION",         "IOTEDGE_GATEWAYHOSTNAME",
  "IOTEDGE_PARENTHOSTNAME",
};

constexpr auto api_version = "2022-08-03";

using environment = std::map<std::string, std::string>;

bool has_any_case(const environment& in, std::string_view name) {
  return std::any_of(in.begin(), in.end(), [&](const auto& entry) {
    return equal_without_case(entry.first, name);
  });
}

void set_unless_set(environment& in, const char* name,
                    const std::string& value) {
  if (!value.empty() && !has_any_case(in, name))
    in[name] = value;
}

} // namespace

bool is_injected(std::string_view variable) {
  return std::find(injected.begin(), injected.end(), variable)
         != injected.end();
}

environment module_environment(const module_spec& spec,
                               const module_surroundings& surroundings) {
  auto all = spec.env;
  all["IOTEDGE_WORKLOADURI"] = surroundings.workload_uri;
  all["IOTEDGE_AUTHSCHEME"] = "sasToken";
  all["IOTEDGE_MODULEGENERATIONID"] = surroundings.generation_id;
  all["IOTEDGE_IOTHUBHOSTNAME"] = surroundings.hub_host;
  all["IOTEDGE_DEVICEID"] = surroundings.device_id;
  all["IOTEDGE_MODULEID"] = spec.name;
  all["IOTEDGE_APIVERSION"] = api_version;
  all["IOTEDGE_GATEWAYHOSTNAME"] = surroundings.gateway_host;
  if (!surroundings.parent_host.empty())
    all["IOTEDGE_PARENTHOSTNAME"] = surroundings.parent_host;
  for (const auto& [name, value] : spec.process.env)
    all[name] = value;
  set_unless_set(all, "RuntimeLogLevel", surroundings.log_level);
  set_unless_set(all, "UpstreamProtocol", surroundings.upstream_protocol);
  if (surroundings.mqtt_port != 0)
    set_unless_set(all, "TIDEGATE_MQTT_PORT",
                   std::to_string(surroundings.mqtt_port));
  return all;
}

} // namespace tidegate::deployment
