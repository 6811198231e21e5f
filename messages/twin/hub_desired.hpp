#pragma once

#include "messages/routing/schema_version.hpp"

#include <boost/json/object.hpp>
#include <caf/expected.hpp>
#include <chrono>

namespace tidegate::twin {

/// What the desired properties of a node's own `$edgeHub` module say (edge-hub
/// spec 10.1). Limits of a store in memory, bridges and authorizations of a
/// broker are for parts that are not here; they are let pass.
struct hub_desired {
  routing::schema_version schema{1, 1};
  boost::json::object routes;
  std::chrono::seconds time_to_live{-1}; ///< -1: for ever

  bool operator==(const hub_desired&) const = default;
};

/// Reads them. `ec::bad_argument` names the member.
caf::expected<hub_desired> read_hub_desired(const boost::json::object& from);

/// Reads the `$edgeHub` part of a local manifest, where members may be missing:
/// they are as in `initial`.
caf::expected<hub_desired> read_hub_desired(const boost::json::object& from,
                                            hub_desired initial);

} // namespace tidegate::twin
