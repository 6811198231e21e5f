#pragma once

#include "actors/supervision/actor_node.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/router.hpp"
#include "runtime/node/core.hpp"

#include <boost/json/object.hpp>
#include <memory>

namespace tidegate {

/// What the operator's calls work on.
struct management_context {
  std::shared_ptr<const node_core> core;
  caf::actor root; ///< the root supervisor
  node_profile who;
  lane_store_ptr lanes;
  std::chrono::steady_clock::time_point started
    = std::chrono::steady_clock::now();
};

/// The operator's calls, for the management socket that only its owner can
/// open: `/status`, `/tree`, `/clients`, `/identities`, `/events`.
void add_management_api(http::router& to, const management_context& context);

/// The tree as `tidegate tree --json` prints it.
boost::json::object tree_document(const actor_node& of);

} // namespace tidegate
