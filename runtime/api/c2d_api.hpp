#pragma once

#include "actors/c2d/queue_messages.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/router.hpp"

#include <functional>

namespace tidegate {

/// What the operator's calls about cloud-to-device messages work on.
struct c2d_api_context {
  c2d_queues_actor queues; ///< null at a gateway of a hub
  actor_bridge actors;
  std::function<wall_time()> now;
};

/// The operator's calls, for the management socket: send to, list and purge
/// what waits for a device (`/c2d/{device}`), read feedback (`/feedback`) and
/// forget it (`/feedback/forget`).
void add_c2d_api(http::router& to, c2d_api_context context);

} // namespace tidegate
