#pragma once

#include "actors/metrics.hpp"
#include "actors/uplink/connectivity.hpp"
#include "actors/uplink/reconnect_delay.hpp"
#include "actors/uplink/session_messages.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tidegate {

/// Asks to be told, as `uplink_changed`, whether the parent can be reached:
/// now, and whenever that changes (edge-hub spec 6.4). Ends with the watcher.
struct watch_uplink {
  caf::actor watcher;
};

struct uplink_changed {
  bool reachable = false;
};

struct get_uplink_status {};

/// What the uplink tells the operator.
struct uplink_status {
  std::string parent; ///< host and port
  connectivity::state state = connectivity::state::disconnected;
  unsigned failures = 0;    ///< attempts in a row
  std::string last_failure; ///< why the last connection or attempt ended
  std::uint64_t unacknowledged = 0;
  bool paused = false; ///< by an operator
};

/// An operator wants the connection to the parent closed, and no attempt at
/// another one until `resume_uplink` or the node's next start. What the uplink
/// would send waits meanwhile. Either may come at any time, again too.
struct pause_uplink {};
struct resume_uplink {};

/// The uplink to itself: the wait before the next attempt is over.
struct reconnect_due {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::watch_uplink)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::uplink_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_uplink_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::uplink_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::pause_uplink)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::resume_uplink)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::reconnect_due)

namespace tidegate {

using uplink_actor = caf::typed_actor<
  caf::reacts_to<watch_uplink>, caf::reacts_to<parent_reached>,
  caf::reacts_to<parent_progress>, caf::reacts_to<session_left>,
  caf::reacts_to<trial_over>, caf::reacts_to<reconnect_due>,
  caf::replies_to<get_uplink_status>::with<uplink_status>,
  caf::replies_to<pause_uplink>::with<uplink_status>,
  caf::replies_to<resume_uplink>::with<uplink_status>>;

/// The parent of a node, and how to get to it.
struct uplink_parent {
  std::string name;   ///< host and port, for operators
  std::string device; ///< the edge device that this node is, for metrics
  session_start start;
  reconnect_policy reconnect;
  std::shared_ptr<metrics> meters;
};

struct uplink_state {
  static inline const char* name = "uplink";

  ~uplink_state();

  uplink_parent parent;
  connectivity reach{connectivity::clock::time_point{}};
  caf::actor session;
  connectivity::clock::time_point reached_at{};
  connectivity::clock::time_point tested_at{}; ///< while it is `trying`
  bool was_reached = false;                    ///< by the session at hand
  bool paused = false;                         ///< by an operator
  unsigned failures = 0;
  poison_watch poison;
  std::string last_failure;
  std::vector<caf::actor> watchers;
  std::uint64_t unacknowledged = 0;
};

/// Keeps one connection to the parent alive, for ever or until an operator
/// pauses it: starts a session
/// and, whenever it ends, another one after a jittered, growing wait. The
/// first attempt after a good connection was lost is made at once.
uplink_actor::behavior_type
uplink(uplink_actor::stateful_pointer<uplink_state> self, uplink_parent parent);

} // namespace tidegate
