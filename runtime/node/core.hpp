#pragma once

#include "actors/c2d/queue_messages.hpp"
#include "actors/clients/session_context.hpp"
#include "actors/identity/identities.hpp"
#include "actors/routing/event_log.hpp"
#include "actors/routing/router.hpp"
#include "actors/supervision/supervisor.hpp"
#include "actors/twins/edge_twins.hpp"
#include "actors/twins/twins.hpp"
#include "runtime/config/config.hpp"
#include "runtime/node/profile.hpp"
#include "storage/c2d_store.hpp"
#include "storage/elapsed_counter.hpp"
#include "storage/identity_store.hpp"
#include "storage/lane_store.hpp"
#include "storage/own_tokens.hpp"

#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <memory>

namespace tidegate {

/// What lies on disk, opened.
struct node_storage {
  database_ptr database;
  lane_store_ptr lanes;
  std::shared_ptr<identity_store> identities;
  std::shared_ptr<twin_store> twins;
  std::shared_ptr<own_tokens> tokens;
  std::shared_ptr<c2d_store> commands;
  seal_ptr secrets; ///< what is sealed here is sealed with this
  std::shared_ptr<elapsed_counter> time;
  std::size_t damaged_identities = 0; ///< that did not open
};

/// Opens the node's data folder. The error names the folder and the reason;
/// there is no fallback.
caf::expected<node_storage> open_storage(const config& from,
                                         const node_profile& who);

/// The actors that everything else needs, and what they share. They are never
/// restarted one by one: when one of them fails, the node ends in order.
struct node_core {
  store_actor store;
  lane_reader_actor reader;
  identities_actor identities;
  client_registry_actor clients;
  twins_actor twins;           ///< one of the following two
  hub_twins_actor hub_twins;   ///< where the authority is; else null
  edge_twins_actor edge_twins; ///< where it is above; else null
  methods_actor methods;
  /// Brings cloud-to-device messages to devices.
  c2d_actor c2d;
  /// The same, where this node keeps them itself: nobody above it does.
  c2d_queues_actor c2d_queues;
  /// Supervises the sessions, which come and go.
  caf::actor sessions;
  router_actor router;
  /// Supervises one route per sink.
  caf::actor routes;
  /// The event log, at a hub.
  event_log_actor events;
  /// Runs requests for HTTP handlers.
  caf::actor bridge;
  /// Clients that speak for themselves to the parent; null when there can be
  /// none.
  std::shared_ptr<own_tokens> tokens;
  std::shared_ptr<route_board> board = std::make_shared<route_board>();
  /// What all routes may hold in memory.
  std::shared_ptr<delivery_budget> memory = std::make_shared<delivery_budget>();
  std::shared_ptr<metrics> meters;
};

/// Everything the core is built from.
struct core_parts {
  config with;
  node_profile who;
  node_storage storage;
  std::shared_ptr<metrics> meters;
  std::shared_ptr<scope_source> scope; ///< null at a hub
  /// Null where clients' own tokens are not checked.
  std::shared_ptr<token_checker> checker;
  std::filesystem::path trust_bundle; ///< may be empty
  /// Whom services are; null where identities are not decided here.
  std::shared_ptr<const policy_board> policies;
};

/// The children of the root supervisor that make up the core, in order of
/// start; they fill in `core` as they come up.
std::vector<child_spec> core_children(core_parts parts,
                                      std::shared_ptr<node_core> core);

/// What a session of this node is given.
session_context make_session_context(const core_parts& parts,
                                     const node_core& core);

/// The time of day.
wall_time wall_clock();

/// Of the system, to seed what makes GUIDs.
std::uint64_t random_number();

} // namespace tidegate
