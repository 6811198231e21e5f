#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/metrics.hpp"
#include "messages/upstream_messages.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

namespace tidegate {

/// What a session with the parent says to the relay: `deliver_c2d` for a
/// message that the parent holds locked, `upstream_ready` when it can be told
/// outcomes.
using c2d_relay_actor = c2d_actor::extend<caf::reacts_to<deliver_c2d>,
                                          caf::reacts_to<upstream_ready>>;
using c2d_relay_behavior
  = c2d_relay_actor::extend<caf::reacts_to<clients_changed>>;

struct c2d_relay_state {
  static inline const char* name = "c2d_relay";

  struct listener {
    caf::actor session;
    bool wants = false;
    std::deque<std::string> under_way; ///< tokens without an outcome
  };

  std::shared_ptr<metrics> meters;
  std::unordered_map<std::string, listener> listeners; ///< by device
  caf::actor upstream;
};

/// Deliveries of one device whose outcome has not come; past it the oldest is
/// forgotten, and the parent's lock on it ends.
inline constexpr std::size_t most_relayed = 100;

/// At a gateway: passes messages for devices on to those that are connected
/// and want them, and the outcomes back; stores nothing (edge-hub spec 6.5).
/// What cannot be passed on is ignored, and so is a message without a token
/// or with one that is outstanding: the parent's lock on it ends. A new
/// connection to the parent knows nothing of the tokens of the one before.
c2d_relay_behavior::behavior_type
c2d_relay(c2d_relay_behavior::stateful_pointer<c2d_relay_state> self,
          const client_registry_actor& clients,
          std::shared_ptr<metrics> meters);

} // namespace tidegate
