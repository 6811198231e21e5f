#pragma once

#include "actors/clients/delivery_answers.hpp"
#include "actors/metrics.hpp"
#include "actors/routing/delivery_window.hpp"
#include "actors/uplink/broker.hpp"
#include "actors/uplink/poison_trial.hpp"
#include "actors/uplink/progress_watch.hpp"
#include "actors/uplink/publication_flight.hpp"
#include "actors/uplink/session_messages.hpp"
#include "messages/broker/command.hpp"
#include "messages/broker/publication.hpp"
#include "messages/c2d_messages.hpp"

#include <caf/actor_addr.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace tidegate {

/// Every limit and time of a session with a broker.
struct broker_options {
  /// From asking for a connection until the broker has taken this node.
  std::chrono::milliseconds open_timeout{60'000};
  /// Messages wait and nothing is acknowledged: the connection is rebuilt.
  std::chrono::milliseconds stall_timeout{20'000};
  /// Messages in flight at most; fewer when they are large, see
  /// `delivery_window`. What a message costs Paho grows with it.
  std::uint32_t window = 500;
  /// Bytes in flight, about. Paho 1.3.12 loses the memory of what it has not
  /// sent when a connection ends, so it gets little at a time.
  std::size_t window_bytes = 1u << 20;
  /// Bytes of topic and payload. A larger message is given up, because many a
  /// broker would end the connection over it, again and again.
  std::size_t message_size = 268'435'455;
  /// Commands that came and are not stored. Past it the connection is ended:
  /// the broker keeps what it still has until the next one.
  std::size_t most_commands = 1000;
};

/// What a session with a broker is given.
struct broker_context {
  /// Takes `target_ready` and `target_gone`.
  caf::actor router;
  std::shared_ptr<broker_connector> network;
  std::shared_ptr<const broker_language> language;
  /// Takes commands. Only with a topic for them.
  c2d_actor commands;
  std::shared_ptr<metrics> meters;
  broker_options options;
};

/// A session to itself: whatever came before the connection ended has been
/// dealt with.
struct session_over {
  caf::error why;
};

struct broker_session_state {
  static inline const char* name = "broker_session";

  broker_context context;
  caf::actor_addr uplink;
  std::unique_ptr<broker_connection> connection;
  std::optional<publication_writer> writer;
  publication_flight flight;
  delivery_answers answers;
  std::uint64_t answers_seen = 0;
  std::optional<poison_trial> trial; ///< while there is one
  bool trial_told = false;           ///< what came of the suspect
  std::optional<progress_watch> watch;
  std::optional<window_follower> window;
  std::size_t commands_in_hand = 0;
  std::optional<caf::error> over; ///< why, once the connection is closed
  bool reached = false;
};

/// One attempt to reach a broker that is the parent, and the session that
/// comes of it. As the target of the sink `iothub` it takes `deliver`; a
/// message is `done` when the broker has acknowledged it. Whatever is not
/// when the session ends is sent again by the next one, and everything of the
/// same sender behind it, so that order holds. A command is passed on as a
/// cloud-to-device message. Paho acknowledges it before it is stored here; so
/// the session, when it ends, first deals with every command that has come,
/// and only the end of the whole process can lose one. To be spawned with a
/// thread of its own: calls to the broker may wait.
caf::behavior broker_session(caf::stateful_actor<broker_session_state>* self,
                             broker_context context, const caf::actor& uplink,
                             const std::optional<trial_order>& trial = {});

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::session_over)
