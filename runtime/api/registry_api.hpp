#pragma once

#include "actors/identity/identities.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/api/parent_client.hpp"
#include "runtime/http/router.hpp"

#include <memory>

namespace tidegate {

/// Adds the hub's registry calls that an edge device makes for itself and,
/// with an auth chain, for those behind it (edge-hub spec 3.7 and 12.1). At a
/// gateway what would change something goes on to its `parent`, null at a hub.
void add_registry_api(http::router& to, identities_actor identities,
                      actor_bridge actors,
                      std::shared_ptr<parent_client> parent);

} // namespace tidegate
