#pragma once

#include "messages/deployment/manifest.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// What a manifest was found to be.
struct checked_deployment {
  /// A sentence for each thing that is wrong, with the path of its key.
  std::vector<std::string> problems;
  /// Response code of edge-agent spec 2.3 that a gateway would report.
  int code = 200;
  std::size_t modules = 0;
};

/// Says of a manifest what a roll-out would: of the desired properties of
/// `$edgeAgent`, the routes in those of `$edgeHub`, and of all of them what a
/// twin takes. Without `rules` the manifest may be for any engine.
checked_deployment
check_deployment(std::string_view text,
                 const std::optional<deployment::manifest_rules>& rules);

/// The full form of a manifest that may be the desired properties of
/// `$edgeAgent` alone. Text that is no JSON object stays as it is.
std::string full_manifest(std::string_view text);

} // namespace tidegate
