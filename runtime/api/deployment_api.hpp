#pragma once

#include "runtime/api/configuration_calls.hpp"
#include "runtime/http/router.hpp"
#include "runtime/node/profile.hpp"

namespace tidegate {

struct deployment_api_context {
  caf::actor root; ///< knows the child `deployment`
  configuration_context configuration;
  node_profile who;
  /// The node is its own source of deployments.
  bool local = false;
};

/// What operators may do about deployments: `GET /deployment` shows that of
/// this node, `PUT /deployment` takes a manifest for it, and `PUT
/// /deployments/{device}` one for an edge device of this hub.
void add_deployment_api(http::router& to, deployment_api_context context);

} // namespace tidegate
