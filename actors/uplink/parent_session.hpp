#pragma once

#include "actors/uplink/uplink_context.hpp"

#include <caf/actor_addr.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <memory>
#include <optional>

namespace tidegate {

class parent_connection;

/// A parent session to the uplink: the parent has taken the token.
struct parent_reached {
  caf::actor session;
};

/// A parent session to the uplink, once a second: what waits for the parent.
struct parent_progress {
  std::uint64_t unacknowledged = 0;
};

/// A parent session to itself: time to look after links and progress.
struct look_around {};

/// A parent session to itself: the parent should have been reached by now.
struct reach_due {};

/// A parent session to itself: the token needs to be renewed.
struct renew_due {};

struct parent_session_state {
  static inline const char* name = "parent_session";

  parent_session_state();
  ~parent_session_state();

  uplink_context context;
  caf::actor_addr uplink;
  std::unique_ptr<parent_connection> connection;
  transport_ptr transport;
  bool reached = false;
};

/// One attempt to reach the parent, and the connection that comes of it. As
/// the target of the sink `iothub` it takes `deliver` and answers `delivered`.
/// Ends, with a reason that says why, when the connection is of no use any
/// more: whatever it had not answered is then sent again. Tells `uplink` when
/// the parent has been reached.
caf::behavior parent_session(caf::stateful_actor<parent_session_state>* self,
                             uplink_context context, const caf::actor& uplink);

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::parent_reached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::parent_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::look_around)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::reach_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::renew_due)
