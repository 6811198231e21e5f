#pragma once

#include "messages/deployment/manifest.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tidegate {

/// A module that is there.
struct present_module {
  std::string hash; ///< of its specification; empty when that is not known
  /// Its place in the order; 0, so before all others, when it is not known.
  std::uint32_t startup_order = 0;
  bool dead = false; ///< must be removed and made again
};

/// What is to be done so that the modules that are there become those of a
/// manifest (edge-agent spec 3.3 and 3.4).
struct deployment_plan {
  enum class action {
    add,     ///< it is not there yet
    replace, ///< it is there, made from another specification, or dead
    keep,    ///< it is there; at most it is started or stopped
  };
  struct step {
    action what;
    deployment::module_spec spec;
  };
  /// The modules of one `startupOrder`.
  struct group {
    /// Modules to remove, before the steps.
    std::vector<std::string> removed;
    /// These are taken together.
    std::vector<step> steps;
  };

  /// A group begins when the one before it is through.
  std::vector<group> groups;
};

/// Plans for `wanted`, whose modules are in order. A module that is in
/// `wanted` is never removed, whatever its order was; nor are `edgeAgent` and
/// `edgeHub`, which are this gateway.
deployment_plan
plan_deployment(const deployment::manifest& wanted,
                const std::map<std::string, present_module>& present);

} // namespace tidegate
