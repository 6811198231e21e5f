#pragma once

#include "messages/deployment/module_spec.hpp"

#include <cstdint>

namespace tidegate::deployment {

/// What a module is told about itself and its gateway (edge-agent spec 4.2).
struct module_surroundings {
  std::string workload_uri; ///< `unix:///run/tidegate/filter.sock`
  std::string generation_id;
  std::string device_id;
  std::string hub_host;
  std::string gateway_host;
  std::string parent_host;       ///< empty unless the parent is a gateway
  std::string log_level;         ///< empty: not told
  std::string upstream_protocol; ///< empty: not told
  /// Where the gateway listens for MQTT over TLS, when it is not 8883.
  std::uint16_t mqtt_port = 0;
};

/// True for the variables that the gateway sets and a manifest must not.
bool is_injected(std::string_view variable);

/// The environment of a module: what the gateway sets, the manifest's `env`,
/// and over both the `Env` of its create options. `RuntimeLogLevel`,
/// `UpstreamProtocol` and `TIDEGATE_MQTT_PORT` are set unless the module sets
/// them itself.
std::map<std::string, std::string>
module_environment(const module_spec& spec,
                   const module_surroundings& surroundings);

} // namespace tidegate::deployment
