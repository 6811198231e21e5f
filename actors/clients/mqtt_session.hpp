#pragma once

#include "actors/clients/mqtt_client.hpp"
#include "actors/clients/session_context.hpp"
#include "actors/clients/transport.hpp"

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <memory>
#include <vector>

namespace tidegate {

struct mqtt_session_state {
  static inline const char* name = "mqtt_session";

  enum class phase : std::uint8_t {
    arriving,       ///< CONNECT is still to come
    authenticating, ///< and what follows it waits in `queued`
    connected,
    closing ///< until the transport is gone and the store has answered
  };

  transport_ptr connection;
  session_context_ptr context;
  phase at = phase::arriving;
  bool gone = false; ///< the transport said `closed`
  std::vector<bytes> queued;
  caf::actor_clock::time_point heard{};    ///< when the peer last was
  caf::actor_clock::time_point ended{};    ///< when `closing` began
  std::chrono::milliseconds silence{};     ///< how long it may be silent
  authenticate credentials;                ///< what the client showed
  caf::actor_clock::time_point verified{}; ///< when they were last judged
  std::unique_ptr<mqtt_client> client;     ///< once there was a good CONNECT

  ~mqtt_session_state();
};

/// Speaks MQTT 3.1.1 with the client at the other end of `connection`
/// (edge-hub spec, section 1): takes `received` and `closed` from the
/// transport, `append_done` from the store, `deliver` from routes, `replaced`
/// and `verify_again` from the registry. Its client is verified again from time
/// to time (edge-hub spec 3.6). Ends by itself when the connection does.
caf::behavior mqtt_session(caf::stateful_actor<mqtt_session_state>* self,
                           transport_ptr connection,
                           session_context_ptr context);

} // namespace tidegate
