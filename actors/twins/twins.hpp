#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/twins/change_notices.hpp"
#include "actors/twins/twin_group.hpp"
#include "actors/twins/twin_meters.hpp"
#include "messages/twin/hub_twin.hpp"
#include "messages/twin_messages.hpp"
#include "storage/identity_store.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <optional>
#include <unordered_map>

namespace tidegate {

/// The authority for twins, in a hub.
using hub_twins_actor = twin_service_actor::extend<
  caf::reacts_to<clients_changed>, caf::reacts_to<forget_twin>,
  caf::reacts_to<append_done>, caf::reacts_to<commit_twins>>;

struct twins_context {
  std::shared_ptr<twin_store> store;
  /// Who has a twin, and of which generation; only read.
  std::shared_ptr<const identity_store> identities;
  /// Store, routes, clients, metrics, clock and device of the node.
  session_context node;
};

struct twins_state {
  static inline const char* name = "twins";

  twins_context context;
  std::optional<twin_group<twin::hub_twin>> group;
  std::optional<change_notices> notices;
  std::optional<twin_meters> meters;
  /// Who is connected.
  std::unordered_map<identity_id, client_presence> clients;
};

/// Keeps the twins of all identities, tells clients that want to know of
/// changes of their desired properties, and routes notices of changes of
/// reported ones (edge-hub spec 7.6). A twin begins and ends with its
/// identity. Writes to disk, so it has a thread of its own (spawn detached);
/// what is asked while it writes shares the next write.
hub_twins_actor::behavior_type
twins(hub_twins_actor::stateful_pointer<twins_state> self,
      twins_context context);

} // namespace tidegate
