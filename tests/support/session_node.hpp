#pragma once

#include "actors/clients/registry.hpp"
#include "actors/clients/session_context.hpp"
#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/memory_store.hpp"
#include "support/node_context.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>
#include <set>
#include <vector>

/// What a session needs of its node, in memory: a store, a registry, an
/// authenticator that takes the tokens it is told to, and a router that only
/// remembers. Upstream is lane 1 unless the test publishes other routes.
struct session_node : deterministic {
  memory_store memory;
  tidegate::store_actor store = memory.spawn_store(sys);
  std::shared_ptr<tidegate::metrics> meters = make_metrics();
  tidegate::client_registry_actor clients = sys.spawn(
    tidegate::client_registry, std::size_t{10}, [] { return std::int64_t{0}; },
    meters);
  tidegate::authenticator_actor authenticator = spawn_authenticator();
  caf::actor router = spawn_router();
  std::shared_ptr<tidegate::route_board> board
    = std::make_shared<tidegate::route_board>();
  tidegate::wall_time now{std::chrono::seconds{1'767'323'045}};
  tidegate::elapsed_time elapsed{std::chrono::seconds{70}};

  /// Tokens that are taken, and what was asked with them.
  std::set<std::string> good_tokens;
  bool any_token_is_good = false;
  std::set<tidegate::identity_id> unknown_ids;
  std::set<tidegate::identity_id> refused_ids;
  tidegate::ec refusal = tidegate::ec::unauthorized; ///< of `refused_ids`
  /// So many clients are let in at a time, those in `let_in`.
  std::optional<std::size_t> room;
  std::set<tidegate::identity_id> let_in;
  bool authenticator_offline = false;
  tidegate::auth_method method = tidegate::auth_method::untold;
  std::vector<tidegate::authenticate> questions;
  std::vector<tidegate::target_ready> ready;
  std::vector<tidegate::target_gone> gone;

  session_node() {
    memory.of(tidegate::lane_key{"iothub", tidegate::default_priority});
    board->publish(make_routes(R"({"up": "FROM /messages/* INTO $upstream"})"));
  }

  ~session_node() {
    for (const auto& handle :
         {caf::actor_cast<caf::actor>(store),
          caf::actor_cast<caf::actor>(clients),
          caf::actor_cast<caf::actor>(authenticator), router})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  }

  tidegate::session_context context() {
    tidegate::session_context made;
    made.store = store;
    made.authenticator = authenticator;
    made.clients = clients;
    made.router = router;
    made.routes = board;
    made.meters = meters;
    made.device = "edge-1";
    made.hub_host = "tidehub.azure-devices.net";
    made.now = [this] { return now; };
    made.elapsed = [this] { return elapsed; };
    return made;
  }

  tidegate::authenticator_actor spawn_authenticator() {
    using actor_type = tidegate::authenticator_actor;
    return sys.spawn([this](actor_type::pointer) -> actor_type::behavior_type {
      return {[this](const tidegate::authenticate& asked)
                -> caf::result<tidegate::authenticated> {
        if (!asked.beforehand)
          questions.push_back(asked);
        if (authenticator_offline)
          return tidegate::ec::unavailable;
        if (unknown_ids.contains(asked.id))
          return tidegate::ec::not_found;
        if (room && !let_in.contains(asked.id) && let_in.size() >= *room)
          return tidegate::ec::refused;
        if (refused_ids.contains(asked.id))
          return refusal;
        if (!any_token_is_good && !good_tokens.contains(asked.token))
          return tidegate::ec::unauthorized;
        if (room)
          let_in.insert(asked.id);
        return tidegate::authenticated{asked.id, 0, method};
      }};
    });
  }

  caf::actor spawn_router() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
        [this](const tidegate::target_ready& news) { ready.push_back(news); },
        [this](const tidegate::target_gone& news) { gone.push_back(news); }};
    });
  }

  /// All payloads in a lane, in order.
  std::vector<std::string> stored(std::uint32_t lane = 1) {
    std::vector<std::string> all;
    for (const auto& block : memory.lanes[lane].blocks)
      for (std::uint32_t i = 0; i < block.data->size(); ++i)
        all.emplace_back(block.data->payload(i));
    return all;
  }
};
