#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/metrics.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

namespace tidegate {

/// Who speaks for an identity right now.
struct connected_client {
  caf::actor session;
  client_info info;
  client_wants wants;
  bool counts = false; ///< as one of `client_registry_state::limit`
};

struct client_registry_state {
  static inline const char* name = "clients";
  std::size_t limit = 0;
  std::function<std::int64_t()> now;
  std::shared_ptr<metrics> meters;
  std::unordered_map<identity_id, connected_client> clients;
  /// The identities of each session; an AMQP connection may carry many.
  std::unordered_map<caf::actor_id, std::vector<identity_id>> by_session;
  std::size_t devices = 0; ///< of `clients`, those that count
  std::vector<caf::actor> watchers;
  std::optional<caf::actor_clock::time_point> changed; ///< last time, anybody
};

/// Knows which session speaks for which identity, and keeps it to one each:
/// the newest wins and the older one is told `replaced` (edge-hub spec 1.2).
/// Devices past `limit` are refused; modules and clients of gateways are not
/// counted. `now` gives milliseconds since 1970.
client_registry_actor::behavior_type client_registry(
  client_registry_actor::stateful_pointer<client_registry_state> self,
  std::size_t limit, std::function<std::int64_t()> now,
  std::shared_ptr<metrics> meters);

} // namespace tidegate
