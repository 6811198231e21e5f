#pragma once

#include "actors/c2d/queue_messages.hpp"
#include "actors/clients/client_messages.hpp"
#include "actors/clients/session_archive.hpp"
#include "actors/identity/identity_messages.hpp"
#include "actors/identity/policy_board.hpp"
#include "actors/metrics.hpp"
#include "actors/routing/route_board.hpp"
#include "messages/c2d_messages.hpp"
#include "messages/delivery.hpp"
#include "messages/limits/message_rule.hpp"
#include "messages/method_messages.hpp"
#include "messages/store_messages.hpp"
#include "messages/twin_messages.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace tidegate {

/// Every limit a session enforces (edge-hub spec 1.2, 1.8, 2.1, 9).
struct session_limits {
  std::chrono::seconds connect_arrival{60};
  std::chrono::seconds longest_keep_alive{600};
  message_limits message;
  /// Bytes received and not yet acknowledged; past it reading pauses.
  std::size_t unacknowledged_bytes = 262'144;
  /// Messages on their way to the client and not yet acknowledged by it.
  std::uint32_t outbound_window = 1000;
  /// Bytes of payload on their way to the client likewise.
  std::size_t outbound_bytes = 1u << 20;
  /// A client that acknowledges nothing for this long, while something waits
  /// for it, is given all of that again (edge-hub spec 5.3).
  std::chrono::seconds acknowledgement{30};
  /// Twin operations of one client that are being done at once (edge-hub
  /// spec 1.8); past it its further ones wait, and reading pauses.
  std::size_t twin_operations = 16;
  /// Subscriptions of one session.
  std::size_t subscriptions = 50;
};

/// What every session of a node is given.
struct session_context {
  store_actor store;
  authenticator_actor authenticator;
  client_registry_actor clients;
  /// Takes `target_ready` and `target_gone`.
  caf::actor router;
  /// Twins, methods and cloud-to-device messages; without a handle a node has
  /// none of them.
  twins_actor twins;
  methods_actor methods;
  c2d_actor c2d;
  /// For services, where this node is the authority: the policies they show a
  /// token of (else null), the feedback of messages, and the supervisor of
  /// the sinks, among them the event log.
  std::shared_ptr<const policy_board> policies;
  c2d_queues_actor c2d_queues;
  caf::actor sinks;
  std::shared_ptr<const route_board> routes;
  std::shared_ptr<metrics> meters;
  /// Sessions that outlive their connection (MQTT without "clean session").
  std::shared_ptr<session_archive> sessions;
  session_limits limits;
  /// The edge device this node is; the first part of its modules' ids.
  std::string device;
  /// Host name that clients name as the hub (`HostName=` of their connection
  /// strings) and, behind a gateway, this node's own.
  std::string hub_host;
  std::string gateway_host;
  /// The time of day, for enqueue times; tests bring their own.
  std::function<wall_time()> now;
  /// The time that has passed, for times to live.
  std::function<elapsed_time()> elapsed;
};

/// One for all sessions of a node: there are many of them.
using session_context_ptr = std::shared_ptr<const session_context>;

inline session_context_ptr share(session_context context) {
  return std::make_shared<const session_context>(std::move(context));
}

} // namespace tidegate
