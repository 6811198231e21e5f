#pragma once

#include "actors/routing/router.hpp"
#include "messages/deployment/manifest.hpp"
#include "runtime/config/config.hpp"
#include "runtime/node/profile.hpp"

#include <caf/expected.hpp>
#include <optional>

namespace tidegate {

/// The routes a node starts with: those of the manifest's `$edgeHub` part if
/// it has any, else those of the configuration, else everything to
/// `$upstream`. `ec::bad_argument` names the route and the column.
caf::expected<set_routes>
initial_routes(const config& from, const node_profile& who,
               const std::optional<deployment::manifest>& manifest);

} // namespace tidegate
