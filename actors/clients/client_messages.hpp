#pragma once

#include "messages/identity_id.hpp"

#include <caf/actor.hpp>
#include <caf/actor_clock.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace tidegate {

/// A session tells the registry that `id` now speaks through it. Answered
/// with `client_joined`, or `ec::refused` when the node's client limit is
/// reached. The session that spoke for `id` before is sent `replaced`.
struct client_join {
  identity_id id;
  caf::actor session;
  std::string protocol; ///< `mqtt` or `amqp`
  std::string peer;     ///< address, for the operator
  /// When it was asked whether `id` may speak.
  caf::actor_clock::time_point judged{};
  /// It speaks through a gateway, on the gateway's connection.
  bool through_gateway = false;
};

struct client_joined {
  /// Something changed since `id` was judged, which `verify_clients` told
  /// those who were here already: it is to be verified again.
  bool again = false;
};

/// The session no longer speaks for `id`. Its death says the same.
struct client_leave {
  identity_id id;
  caf::actor session;
};

/// To a session: stop speaking for `id`, at once. `reason` goes to the log.
struct replaced {
  identity_id id;
  std::string reason;
};

/// Asks the registry to end the connection of `id`, if there is one.
struct disconnect_client {
  identity_id id;
  std::string reason;
};

/// Something about `id` changed: whoever speaks for it, or for a module of it,
/// must be verified again. With an empty device: everybody.
struct verify_clients {
  identity_id id;
};

/// To a session: verify again, now, everybody who speaks through it.
struct verify_again {};

struct client_info {
  identity_id id;
  std::string protocol;
  std::string peer;
  std::int64_t since = 0; ///< milliseconds since 1970
};

struct get_clients {};

/// Asks whether `id` is connected right now.
struct is_connected {
  identity_id id;
};

/// What a client wants to be sent beside its inputs, which routes bring
/// (edge-hub spec 6.3).
struct client_wants {
  bool methods = false;
  bool desired = false; ///< changes of its desired properties
  bool c2d = false;     ///< cloud-to-device messages

  bool operator==(const client_wants&) const = default;
};

/// A session tells the registry what the client `id` wants from now on. A new
/// connection wants nothing until its session has said so.
struct client_subscribed {
  identity_id id;
  caf::actor session;
  client_wants wants;
};

/// Asks to be told, as `clients_changed`, who is connected: everybody now,
/// then every change. Ends with the watcher.
struct watch_clients {
  caf::actor watcher;
};

/// Who speaks for `id` from now on, and what it wants; no session when nobody
/// does any more.
struct client_presence {
  identity_id id;
  caf::actor session;
  client_wants wants;
};

struct clients_changed {
  std::vector<client_presence> now;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::client_join)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::client_joined)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::client_leave)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::replaced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::disconnect_client)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::verify_clients)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::verify_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_clients)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::is_connected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::client_subscribed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::watch_clients)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::clients_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::client_info>)

namespace tidegate {

/// One live connection per identity; newest wins (edge-hub spec 1.2).
using client_registry_actor = caf::typed_actor<
  caf::replies_to<client_join>::with<client_joined>,
  caf::reacts_to<client_leave>, caf::reacts_to<disconnect_client>,
  caf::reacts_to<client_subscribed>, caf::reacts_to<watch_clients>,
  caf::reacts_to<verify_clients>,
  caf::replies_to<get_clients>::with<std::vector<client_info>>,
  caf::replies_to<is_connected>::with<bool>>;

} // namespace tidegate
