#pragma once

#include "runtime/api/edge_caller.hpp"
#include "runtime/api/registry_calls.hpp"
#include "runtime/http/router.hpp"

namespace tidegate {

/// Adds the calls that an edge device's hub makes on behalf of those behind it
/// (edge-hub spec 12.1). Each names the chain from its target to the one who
/// asks; who may act is decided by the tree of edge devices known here.
void add_nested_api(http::router& to, identities_actor identities,
                    actor_bridge actors, edge_caller caller,
                    registry_calls modules);

} // namespace tidegate
