#pragma once

#include "actors/modules/module_status.hpp"
#include "messages/deployment/manifest.hpp"

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tidegate {

/// What became of a deployment (edge-agent spec 2.3).
struct deployment_status {
  /// Of the desired properties that the code speaks of; 0: there is none.
  std::int64_t version = 0;
  /// 200, 400, 406, 412, 417 or 500. 406: nothing is known yet.
  int code = 406;
  std::string description;

  bool operator==(const deployment_status&) const = default;
};

/// What the machine is.
struct platform_facts {
  std::string os, architecture;
};

/// Everything that is reported of an agent and its modules.
struct agent_facts {
  std::string version; ///< of the program
  platform_facts platform;
  deployment_status status;
  /// The deployment in force; null when there is none.
  std::shared_ptr<const deployment::manifest> deployed;
  std::vector<module_status> modules;
  wall_milliseconds started = 0; ///< the agent itself
};

/// Stands for the passwords of registries.
inline constexpr auto masked_password = "*****";

/// The reported properties of `$edgeAgent` (edge-agent spec 2.1 and 2.2).
/// Without nulls: what has no value is left out, which in a twin is the same.
/// Modules that the deployment does not name are on their way out, and left
/// out too. The agent and the hub are parts of the node: they run.
boost::json::object agent_report(const agent_facts& facts);

/// `report` when it cannot be found out how modules are: those last known, each
/// as `unknown`.
void forget_modules(boost::json::object& report,
                    const boost::json::object& last);

/// `last` as an agent leaves it that ends (edge-agent spec 2.4).
boost::json::object farewell_report(boost::json::object last);

} // namespace tidegate
