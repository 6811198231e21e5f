#pragma once

#include "messages/deployment/manifest.hpp"

#include <map>
#include <string>
#include <vector>

namespace tidegate {

/// What is to be done so that the modules that are there become those of a
/// manifest (edge-agent spec 3.3 and 3.4).
struct deployment_plan {
  enum class action {
    add,     ///< it is not there yet
    replace, ///< it is there, made from another specification
    keep,    ///< it is there; at most it is started or stopped
  };
  struct step {
    action what;
    deployment::module_spec spec;
  };

  /// Modules to remove, before anything else.
  std::vector<std::string> removed;
  /// Steps with the same `startupOrder` are taken together; a group begins
  /// when the one before it is through.
  std::vector<std::vector<step>> groups;
};

/// Plans for `wanted`, whose modules are in order. `present` has the hash of
/// the specification of each module that is there. A module that is in
/// `wanted` is never removed, whatever its order was.
deployment_plan
plan_deployment(const deployment::manifest& wanted,
                const std::map<std::string, std::string>& present);

} // namespace tidegate
