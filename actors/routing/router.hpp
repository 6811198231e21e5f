#pragma once

#include "actors/routing/route.hpp"
#include "actors/routing/route_board.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <functional>
#include <map>
#include <set>

namespace tidegate {

/// New routes. `sinks` are the table's, in its order; the answer is
/// `routes_set` once sessions route by them.
struct set_routes {
  std::shared_ptr<const routing::route_table> table;
  std::vector<lane_key> sinks;
};

struct routes_set {};

/// Asks for the status of every route.
struct get_routes {};

/// The actor that serves `sink` is up: a `route`, or at a hub the event log.
/// It takes `add_lane`, `target_ready` and `target_gone`, and answers
/// `get_route_status`. Sent by whoever started it, after every restart too.
struct route_up {
  std::string sink;
  caf::actor route;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::set_routes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::routes_set)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_routes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::route_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::route_status>)

namespace tidegate {

using router_actor = caf::typed_actor<
  caf::replies_to<set_routes>::with<routes_set>, caf::reacts_to<route_up>,
  caf::reacts_to<target_ready>, caf::reacts_to<target_gone>,
  caf::replies_to<get_routes>::with<std::vector<route_status>>>;

struct router_context {
  store_actor store;
  std::shared_ptr<route_board> board;
  /// Has a route supervised under the sink's name; `route_up` follows.
  std::function<void(const std::string& sink)> start_route;
  /// Ends it for good.
  std::function<void(const std::string& sink)> stop_route;
};

struct router_state {
  static inline const char* name = "router";

  struct sink {
    bool started = false;
    caf::actor route; ///< null until it is up
    std::set<lane_id> lanes;
  };

  router_context context;
  std::map<std::string, sink> sinks;
  std::map<std::string, target_ready> targets; ///< by sink prefix
};

/// Keeps one route actor per sink, opens and drops lanes as routes come and
/// go, and publishes the table that sessions route by. What is queued for a
/// sink that stays is kept and drained whatever its priorities were
/// (edge-hub spec 5.7).
router_actor::behavior_type
router(router_actor::stateful_pointer<router_state> self,
       router_context context);

} // namespace tidegate
