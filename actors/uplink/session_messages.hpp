#pragma once

#include "actors/uplink/poison_watch.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace tidegate {

/// Starts one attempt to reach the parent, and the connection that comes of
/// it: an actor that is the target of the sink `iothub`, tells `uplink` with
/// `parent_reached` and `parent_progress` how it goes, and ends with a reason
/// when the connection is of no use any more. What kind of parent it is, and
/// on what thread the actor runs, is chosen by whoever makes this.
/// `trial` is what the session has to find out about a message, if anything.
using session_start
  = std::function<caf::actor(caf::actor_system& in, const caf::actor& uplink,
                             const std::optional<trial_order>& trial)>;

/// A session to the uplink: the parent has taken this node for what it is.
struct parent_reached {
  caf::actor session;
};

/// A session to the uplink, once a second: what waits for the parent.
struct parent_progress {
  std::uint64_t unacknowledged = 0;
  caf::actor session;
  /// The parent has answered something since the last time.
  bool answered = false;
  /// When the youngest of those questions was asked that were given up since.
  std::optional<std::chrono::steady_clock::time_point> silent = {};
  /// The parent has said that another hub takes over from it.
  bool failed_over = false;
};

/// A session to the uplink, before it ends: what it was like.
struct session_left {
  caf::actor session;
  session_end how;
};

/// A session to the uplink: what it had to find out is found out.
struct trial_over {
  caf::actor session;
  bool given_up = false; ///< the message was not sent again
};

/// The uplink to its session: ask the parent something, to see whether it
/// answers.
struct test_parent {};

/// A session to itself: time to look after progress.
struct look_around {};

/// A session to itself: the parent should have been reached by now.
struct reach_due {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::parent_reached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::parent_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::session_left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::trial_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::test_parent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::look_around)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::reach_due)
