#include "runtime/node/core.hpp"

#include "actors/c2d/c2d_queues.hpp"
#include "actors/c2d/c2d_relay.hpp"
#include "actors/clients/registry.hpp"
#include "actors/log.hpp"
#include "actors/methods/methods.hpp"
#include "actors/store/lane_reader.hpp"
#include "actors/store/store.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/engines/durable_file.hpp"
#include "runtime/host/clocks.hpp"
#include "runtime/node/broker_language_of.hpp"
#include "runtime/node/open_identities.hpp"
#include "runtime/node/stored_sessions.hpp"

#include <caf/spawn_options.hpp>
#include <random>

namespace tidegate {

namespace {

/// The first failure ends the node: what depends on a core actor holds its
/// handle.
restart_policy core_policy() {
  auto policy = actor_restart_policy();
  policy.most_in_period = 0;
  return policy;
}

child_spec core_child(std::string name, child_factory start,
                      bool answers_tree = false) {
  child_spec spec{std::move(name), std::move(start), core_policy()};
  spec.answers_tree = answers_tree;
  return spec;
}

durability durability_of(const config& from) {
  if (from.store.durability == "none")
    return durability::none;
  return from.store.durability == "process" ? durability::process
                                            : durability::power;
}

authentication_mode mode_of(const config& from) {
  if (from.node.authentication == "cloud")
    return authentication_mode::cloud;
  return from.node.authentication == "cloud-and-scope"
           ? authentication_mode::cloud_and_scope
           : authentication_mode::scope;
}

/// Says what of the store was damaged, and what has become of it.
void watch_damage(const core_parts& parts) {
  const auto count = [meters = parts.meters](const char* of) {
    meters
      ->counter("tidegate_store_mended_total",
                "Times a part of the store was damaged and was made anew.",
                {{"partition", of}})
      .Increment();
  };
  parts.storage.database->on_damage(
    [count, copies = !parts.who.is_authority()](const lost_part& what) {
      count(name_of(what.where));
      log::error("store",
                 copies ? "a part of the store was damaged: it is set aside, "
                          "and learnt again from the parent"
                        : "a part of the store was damaged, and what it held "
                          "is lost: who it may have been is let in again when "
                          "it is created again",
                 {{"partition", name_of(what.where)},
                  {"behind", readable_key(what.after)},
                  {"before", readable_key(what.before)},
                  {"kept", std::to_string(what.kept)},
                  {"reason", what.reason}});
    });
}

identities_context identity_context(const core_parts& parts,
                                    const node_core& core) {
  identities_context made;
  made.store = parts.storage.identities;
  made.clients = core.clients;
  made.meters = parts.meters;
  made.hosts = {parts.who.hub_host, parts.who.host};
  parts.meters
    ->counter("tidegate_identities_unreadable_total",
              "Times a stored identity could not be read.")
    .Increment(static_cast<double>(parts.storage.damaged_identities));
  watch_damage(parts);
  made.trust_bundle
    = [file = parts.trust_bundle] { return read_file(file).value_or(""); };
  made.policies = parts.policies;
  made.scope = parts.scope;
  made.tells_method = parts.who.is_hub();
  if (!parts.who.is_hub() && !parts.with.node.api_proxy.empty()
      && parts.with.tls.client_certificates)
    made.proxy = {parts.who.device, parts.with.node.api_proxy};
  if (core.tokens) {
    made.mode = mode_of(parts.with);
    made.checker = parts.checker;
    made.tokens = core.tokens;
  }
  made.device = parts.who.device;
  made.now = [] { return wall_clock(); };
  made.twins = caf::actor_cast<caf::actor>(core.twins);
  return made;
}

edge_twins_context make_edge_twins_context(const core_parts& parts,
                                           const node_core& core) {
  edge_twins_context made;
  made.store = parts.storage.twins;
  made.node = make_session_context(parts, core);
  made.options.report_period = parts.with.twins.report_period;
  made.options.sync_period = parts.with.twins.sync_period;
  return made;
}

/// Who has the authority over identities has their twins too.
caf::actor start_twins(caf::event_based_actor* by, const core_parts& parts,
                       node_core& core) {
  if (parts.who.is_authority()) {
    core.hub_twins = by->spawn<caf::detached>(
      twins, twins_context{parts.storage.twins, parts.storage.identities,
                           make_session_context(parts, core)});
    core.twins = core.hub_twins;
  } else {
    core.edge_twins = by->spawn<caf::detached>(
      edge_twins, make_edge_twins_context(parts, core));
    core.twins = core.edge_twins;
  }
  return caf::actor_cast<caf::actor>(core.twins);
}

methods_context make_methods_context(const core_parts& parts,
                                     const node_core& core) {
  methods_context made;
  made.clients = core.clients;
  made.meters = parts.meters;
  made.seed = random_number();
  made.agent_callers = parts.with.node.agent_callers;
  if (parts.who.is_hub())
    return made;
  made.own_module = {parts.who.device, "$edgeHub"};
  if (!parts.scope)
    return made; // what is above knows no identities
  made.refresh = [who = core.identities](const identity_id& id) {
    caf::anon_send(who, refresh_identity{id});
  };
  return made;
}

c2d_queues_context make_c2d_context(const core_parts& parts,
                                    const node_core& core) {
  c2d_queues_context made;
  made.store = parts.storage.commands;
  made.identities = parts.storage.identities;
  made.clients = core.clients;
  made.meters = parts.meters;
  made.now = [] { return wall_clock(); };
  made.seed = random_number();
  return made;
}

/// Who has the authority over devices keeps what is sent to them.
caf::actor start_c2d(caf::event_based_actor* by, const core_parts& parts,
                     node_core& core) {
  if (parts.who.is_authority()) {
    core.c2d_queues
      = by->spawn<caf::detached>(c2d_queues, make_c2d_context(parts, core));
    core.c2d = core.c2d_queues;
  } else {
    core.c2d = by->spawn(c2d_relay, core.clients, parts.meters);
  }
  return caf::actor_cast<caf::actor>(core.c2d);
}

route_context make_route_context(const core_parts& parts,
                                 const node_core& core) {
  return {core.store,
          core.reader,
          parts.meters,
          [] { return wall_clock(); },
          [time = parts.storage.time] { return time->now(); },
          core.memory};
}

log_retention retention_of(const config& from) {
  log_retention made;
  made.size = static_cast<std::uint64_t>(from.events.retention_size);
  if (from.events.retention_age.count() >= 0)
    made.age = from.events.retention_age;
  return made;
}

/// Starts what serves a sink and tells the router that it is up.
caf::actor start_route(caf::event_based_actor* by, const core_parts& parts,
                       node_core& core, const std::string& sink) {
  const auto context = make_route_context(parts, core);
  caf::actor made;
  if (sink == "iothub" && parts.who.is_hub()) {
    core.events = by->spawn(event_log, context, retention_of(parts.with));
    made = caf::actor_cast<caf::actor>(core.events);
  } else {
    made = caf::actor_cast<caf::actor>(by->spawn(route, context, sink));
  }
  caf::anon_send(core.router, route_up{sink, made});
  return made;
}

router_context make_router_context(const std::shared_ptr<core_parts>& parts,
                                   const std::shared_ptr<node_core>& core) {
  router_context made;
  made.store = core->store;
  made.board = core->board;
  std::weak_ptr<node_core> weak = core;
  made.start_route = [parts, weak](const std::string& sink) {
    const auto known = weak.lock();
    if (!known)
      return;
    child_spec spec{sink, [parts, known, sink](caf::event_based_actor* by) {
                      return start_route(by, *parts, *known, sink);
                    }};
    if (sink == "iothub" && parts->who.is_hub())
      spec.policy = core_policy();
    caf::anon_send(known->routes, start_child{std::move(spec)});
  };
  made.stop_route = [weak](const std::string& sink) {
    if (const auto known = weak.lock())
      caf::anon_send(known->routes, stop_child{sink});
  };
  return made;
}

} // namespace

wall_time wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(
    std::chrono::system_clock::now());
}

std::uint64_t random_number() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random();
}

caf::expected<node_storage> open_storage(const config& from,
                                         const node_profile& who) {
  database_options options;
  options.path = from.node.data / "store";
  options.safety = durability_of(from);
  options.quota = static_cast<std::uint64_t>(from.store.quota);
  options.copies = !who.is_authority();
  options.quarantine = from.node.data / "quarantine" / "records";
  std::error_code ignored;
  std::filesystem::create_directories(from.node.data, ignored);
  auto database = database::open(options);
  if (!database)
    return database.error();
  auto lanes = lane_store::open(*database, from.node.data / "quarantine");
  if (!lanes)
    return lanes.error();
  auto time = elapsed_counter::open(*database, system_clocks());
  if (!time)
    return time.error();
  auto commands = c2d_store::open(*database);
  if (!commands)
    return commands.error();
  quarantine aside{options.quarantine, quarantine::limit_of_records};
  auto known = open_identities(*database, from.node.data / "seal.key",
                               !who.is_authority(), &aside);
  if (!known)
    return known.error();
  auto tokens = own_tokens::open(*database, known->key, &aside);
  if (!tokens)
    return tokens.error();
  if ((*tokens)->damaged() > 0)
    log::error("identity",
               "tokens of clients in the store do not open: these clients have "
               "to come with a token again, and what waits of them waits",
               {{"count", std::to_string((*tokens)->damaged())}});
  return node_storage{
    *database,          *lanes,
    known->store,       std::make_shared<twin_store>(*database, known->key),
    std::move(*tokens), std::move(*commands),
    known->key,         std::move(*time),
    known->damaged};
}

std::vector<child_spec> core_children(core_parts given,
                                      std::shared_ptr<node_core> core) {
  const auto parts = std::make_shared<core_parts>(std::move(given));
  const auto options = [meters = parts->meters](std::string name) {
    return supervisor_options{std::move(name), meters};
  };
  std::vector<child_spec> all;
  all.push_back(core_child("store", [=](caf::event_based_actor* by) {
    core->store = by->spawn<caf::detached>(
      store,
      store_context{parts->storage.lanes, parts->meters, parts->storage.time});
    return caf::actor_cast<caf::actor>(core->store);
  }));
  all.push_back(core_child("reader", [=](caf::event_based_actor* by) {
    core->reader = by->spawn<caf::detached>(lane_reader, parts->storage.lanes,
                                            core->store);
    return caf::actor_cast<caf::actor>(core->reader);
  }));
  all.push_back(core_child("registry", [=](caf::event_based_actor* by) {
    core->clients = by->spawn(
      client_registry, static_cast<std::size_t>(parts->with.limits.clients),
      [] { return wall_clock().time_since_epoch().count(); }, parts->meters);
    return caf::actor_cast<caf::actor>(core->clients);
  }));
  all.push_back(core_child("twins", [=](caf::event_based_actor* by) {
    return start_twins(by, *parts, *core);
  }));
  all.push_back(core_child("identity", [=](caf::event_based_actor* by) {
    core->identities = by->spawn(identities, identity_context(*parts, *core));
    return caf::actor_cast<caf::actor>(core->identities);
  }));
  all.push_back(core_child("methods", [=](caf::event_based_actor* by) {
    core->methods = by->spawn(methods, make_methods_context(*parts, *core));
    return caf::actor_cast<caf::actor>(core->methods);
  }));
  all.push_back(core_child("c2d", [=](caf::event_based_actor* by) {
    return start_c2d(by, *parts, *core);
  }));
  all.push_back(core_child(
    "routes",
    [=](caf::event_based_actor* by) {
      core->routes
        = by->spawn(supervisor, options("routes"), std::vector<child_spec>{});
      return core->routes;
    },
    true));
  all.push_back(core_child("router", [=](caf::event_based_actor* by) {
    core->router = by->spawn(router, make_router_context(parts, core));
    return caf::actor_cast<caf::actor>(core->router);
  }));
  all.push_back(core_child(
    "clients",
    [=](caf::event_based_actor* by) {
      core->sessions
        = by->spawn(supervisor, options("clients"), std::vector<child_spec>{});
      return core->sessions;
    },
    true));
  all.push_back(core_child("telemetry", [=](caf::event_based_actor* by) {
    core->bridge = by->spawn(bridge);
    return core->bridge;
  }));
  return all;
}

session_context make_session_context(const core_parts& parts,
                                     const node_core& core) {
  const auto& limits = parts.with.limits;
  session_context made;
  made.store = core.store;
  made.authenticator = core.identities;
  made.clients = core.clients;
  made.twins = core.twins;
  made.methods = core.methods;
  made.c2d = core.c2d;
  made.policies = parts.policies;
  made.c2d_queues = core.c2d_queues;
  made.sinks = core.routes;
  made.router = caf::actor_cast<caf::actor>(core.router);
  made.routes = core.board;
  made.sessions = std::make_shared<stored_sessions>(parts.storage.database);
  made.meters = parts.meters;
  made.limits.connect_arrival
    = std::chrono::ceil<std::chrono::seconds>(limits.connect_arrival);
  made.limits.message.message_size
    = static_cast<std::size_t>(limits.message_size);
  if (parts.who.has_broker)
    made.limits.message.broker
      = {broker_language_of(parts.with, parts.who),
         static_cast<std::size_t>(parts.with.parent.mqtt.message_size)};
  made.limits.unacknowledged_bytes
    = static_cast<std::size_t>(limits.unacknowledged_bytes);
  made.limits.outbound_window
    = static_cast<std::uint32_t>(limits.outbound_window);
  made.limits.subscriptions = static_cast<std::size_t>(limits.subscriptions);
  made.device = parts.who.device;
  made.hub_host = parts.who.hub_host;
  made.gateway_host = parts.who.host;
  made.now = [] { return wall_clock(); };
  made.elapsed = [time = parts.storage.time] { return time->now(); };
  return made;
}

} // namespace tidegate
