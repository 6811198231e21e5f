#pragma once

#include "actors/routing/router.hpp"
#include "messages/deployment/manifest.hpp"
#include "messages/twin/hub_desired.hpp"
#include "runtime/config/config.hpp"
#include "runtime/node/profile.hpp"

#include <boost/json/object.hpp>
#include <caf/expected.hpp>
#include <optional>

namespace tidegate {

/// The routes that desired properties of the node's own `$edgeHub` module ask
/// for; what they leave open is as in `from`. `ec::bad_argument` names the
/// member, or the route and the column.
caf::expected<set_routes> routes_of_twin(const boost::json::object& desired,
                                         const config& from,
                                         const node_profile& who);

/// The routes a node starts with: those that its own twin had it apply last
/// (`applied`, unless it is empty), else those of the manifest's `$edgeHub`
/// part if it has any, else those of the configuration, else everything to
/// `$upstream`. `ec::bad_argument` as above.
caf::expected<set_routes>
initial_routes(const config& from, const node_profile& who,
               const std::optional<deployment::manifest>& manifest,
               const boost::json::object& applied);

} // namespace tidegate
