#pragma once

#include "messages/deployment/module_spec.hpp"
#include "messages/deployment/registry_auth.hpp"

namespace tidegate::deployment {

/// The code of a manifest in which there is nothing.
inline constexpr int nothing_deployed = 417;

/// What a gateway accepts in a manifest.
struct manifest_rules {
  /// The engine it runs; a manifest for another one is refused.
  engine_kind engine = engine_kind::process;
  limit_support limits;
  /// Stands in for `$upstream` in the names of images.
  std::string parent_host;
};

/// A deployment: what should run here, and how messages flow.
struct manifest {
  std::string schema_version;
  engine_kind engine = engine_kind::process;
  std::vector<registry_credential> registries;
  /// Of `runtime.settings`; only reported.
  std::string min_docker_version, logging_options;
  /// `edgeAgent` and `edgeHub`, if named. With the process engine both are
  /// part of the gateway, and only their settings are of interest.
  std::optional<module_spec> agent, hub;
  /// In the order to start them: by `startupOrder`, then by name.
  std::vector<module_spec> modules;
  /// Desired properties of `$edgeHub` (routes, store and forward), as given.
  boost::json::object hub_desired;
  /// Desired properties of modules that the file has some for.
  std::map<std::string, boost::json::object> module_desired;
};

/// A manifest, or everything that is wrong with it.
struct manifest_result {
  manifest value;
  field_errors errors;

  bool ok() const { return errors.empty(); }
  /// 200, or the response code for the errors: 400, 412, 417 (edge-agent
  /// spec 2.3).
  int code() const { return ok() ? 200 : errors.front().code; }
};

inline constexpr std::size_t longest_manifest = 4u << 20;
inline constexpr std::size_t longest_module_name = 64;

/// Reads a manifest file: the full form with `modulesContent`, or the desired
/// properties of `$edgeAgent` alone (edge-agent spec 1). Never throws.
manifest_result parse_manifest(std::string_view text,
                               const manifest_rules& rules);

/// The same for desired properties of `$edgeAgent` that are parsed already.
manifest_result read_agent_desired(const boost::json::object& desired,
                                   const manifest_rules& rules);

} // namespace tidegate::deployment
