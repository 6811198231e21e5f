#pragma once

#include "actors/uplink/session_messages.hpp"
#include "actors/uplink/uplink_context.hpp"

#include <caf/actor_addr.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace tidegate {

class parent_connection;

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
  std::optional<trial_order> trial;
  bool reached = false;
  std::chrono::steady_clock::time_point told{}; ///< of the parent's last answer
};

/// One attempt to reach a parent that speaks AMQP as IoT Hub does, and the
/// connection that comes of it. As the target of the sink `iothub` it takes
/// `deliver` and answers `delivered`; it is the `upstream_actor` of the node.
/// Ends, with a reason that says why, when
/// the connection is of no use any more: whatever it had not answered is then
/// sent again. Tells `uplink` when the parent has been reached.
caf::behavior parent_session(caf::stateful_actor<parent_session_state>* self,
                             uplink_context context, const caf::actor& uplink,
                             const std::optional<trial_order>& trial = {});

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::renew_due)
