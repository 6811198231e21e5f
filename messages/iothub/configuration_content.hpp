#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// What a deployment wants of the twin of one module.
struct module_content {
  std::string module;
  boost::json::object desired;
  /// `desired` is all there is to be; otherwise it is merged.
  bool whole = true;

  bool operator==(const module_content&) const = default;
};

/// A deployment for one edge device, as the service SDKs apply it.
struct configuration_content {
  /// Every module that it names, the agent's and the hub's too.
  std::set<std::string> modules;
  std::vector<module_content> twins;
};

/// Most modules that one deployment may name.
inline constexpr std::size_t most_configured_modules = 200;

/// Reads `{"modulesContent":{"$edgeAgent":{"properties.desired":{..}},..}}`.
/// `properties.desired.a.b` merges below that path. The modules that the
/// agent's desired properties list belong to the deployment as well. On
/// failure returns nothing and names the member in `why`.
std::optional<configuration_content>
parse_configuration_content(std::string_view text, std::string& why);

} // namespace tidegate
