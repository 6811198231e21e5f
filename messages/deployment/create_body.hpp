#pragma once

#include "messages/deployment/field_reader.hpp"
#include "messages/deployment/module_spec.hpp"

#include <vector>

namespace tidegate::deployment {

/// Says whose a container is, and which image was asked for (edge-agent spec
/// 4.3).
inline constexpr auto owner_label = "net.azure-devices.edge.owner";
inline constexpr auto owner_name = "Microsoft.Azure.Devices.Edge.Agent";
inline constexpr auto image_label = "net.azure-devices.edge.original-image";

/// What a gateway adds to every container.
struct container_rules {
  /// `HOST:CONTAINER` each, after the module's own.
  std::vector<std::string> binds;
  /// The network that a module joins which names none; `host` is the
  /// machine's own, and none is added when empty.
  std::string network;
  std::vector<std::string> aliases; ///< in that network
  std::vector<std::string> hosts;   ///< `NAME:ADDRESS`, more hosts it knows
  /// False: no privileges, and neither CHOWN nor SETUID (edge-agent spec
  /// 11.5).
  bool elevated = true;
  std::map<std::string, std::string> labels;
};

/// What a container engine is asked to create for a module: its create
/// options, `env` below their `Env`, and the rules (edge-agent spec 5.2).
boost::json::object create_body(const module_spec& spec,
                                const std::map<std::string, std::string>& env,
                                const container_rules& rules);

/// Reports parts of parsed create options that an engine would not take, or
/// would read otherwise than `create_body`. An engine reads names without
/// case; so does this.
void check_container_options(const field_reader& from);

} // namespace tidegate::deployment
