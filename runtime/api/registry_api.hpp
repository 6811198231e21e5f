#pragma once

#include "actors/identity/identities.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/router.hpp"

namespace tidegate {

/// The hub's calls for an edge device and what is behind it, with the edge
/// device's own credential (edge-hub spec 3.7, 12.1): its modules
/// (`/devices/{edge}/modules[/{module}]`) and the identities in its scope
/// (`.../devicesAndModulesInDeviceScope`, `.../deviceAndModuleInDeviceScope`).
void add_registry_api(http::router& to, identities_actor identities,
                      actor_bridge actors);

} // namespace tidegate
