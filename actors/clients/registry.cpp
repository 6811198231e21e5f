#include "actors/clients/registry.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

using self_pointer
  = client_registry_actor::stateful_pointer<client_registry_state>;

void count_clients(client_registry_state& state) {
  state.meters
    ->gauge("edgehub_connected_clients", "Clients connected right now.")
    .Set(static_cast<double>(state.clients.size()));
}

void tell(const client_registry_state& state, client_presence now) {
  const clients_changed news{{std::move(now)}};
  for (const auto& watcher : state.watchers)
    caf::anon_send(watcher, news);
}

void forget(client_registry_state& state, const identity_id& id) {
  const auto known = state.clients.find(id);
  auto& ids = state.by_session[known->second.session.id()];
  std::erase(ids, id);
  state.devices -= known->second.counts ? 1 : 0;
  state.clients.erase(known);
  state.meters
    ->counter("edgehub_client_disconnect_total",
              "Client connections that ended.", {{"id", to_string(id)}})
    .Increment();
  count_clients(state);
}

void replace(connected_client& old, const identity_id& id,
             const std::string& reason) {
  caf::anon_send(old.session, replaced{id, reason});
}

/// Modules of this node do not count, so that a crowd of devices cannot lock
/// them out, nor do clients of a gateway: what they cost is bounded by the
/// links of its connection.
bool counts(const client_join& wish) {
  return !wish.id.is_module() && !wish.through_gateway;
}

client_joined welcome(const client_registry_state& state,
                      const client_join& wish) {
  return {state.changed && wish.judged <= *state.changed};
}

/// Whether `wish` is of one device more than there may be.
bool too_many(const client_registry_state& state, const client_join& wish,
              const connected_client* before) {
  return counts(wish) && !(before && before->counts)
         && state.devices >= state.limit;
}

caf::result<client_joined> join(self_pointer self, const client_join& wish) {
  auto& state = self->state;
  const auto known = state.clients.find(wish.id);
  const bool is_known = known != state.clients.end();
  if (is_known && known->second.session == wish.session)
    return welcome(state, wish);
  if (too_many(state, wish, is_known ? &known->second : nullptr)) {
    log::warning(
      "clients",
      "the client limit is reached; a device was "
      "refused",
      {{"id", to_string(wish.id)}, {"limit", std::to_string(state.limit)}});
    return caf::make_error(ec::refused, "the client limit is reached");
  }
  if (is_known) {
    replace(known->second, wish.id, "the same identity connected again");
    forget(state, wish.id);
  }
  const auto [ids, is_new] = state.by_session.try_emplace(wish.session.id());
  if (is_new)
    self->monitor(wish.session);
  ids->second.push_back(wish.id);
  state.devices += counts(wish) ? 1 : 0;
  state.clients[wish.id] = {wish.session,
                            {wish.id, wish.protocol, wish.peer, state.now()},
                            {},
                            counts(wish)};
  tell(state, {wish.id, wish.session, {}});
  state.meters
    ->counter("edgehub_client_connect_success_total",
              "Client connections that were accepted.",
              {{"id", to_string(wish.id)}})
    .Increment();
  count_clients(state);
  log::info("clients", "client connected",
            {{"id", to_string(wish.id)},
             {"protocol", wish.protocol},
             {"peer", wish.peer}});
  return welcome(state, wish);
}

void leave(self_pointer self, const identity_id& id,
           const caf::actor_addr& session) {
  const auto known = self->state.clients.find(id);
  if (known == self->state.clients.end()
      || known->second.session.address() != session)
    return;
  log::info("clients", "client disconnected", {{"id", to_string(id)}});
  forget(self->state, id);
  tell(self->state, {id, nullptr, {}});
}

/// A session may speak for others too, and go on: the client is gone with
/// this, not with its session.
void disconnect(self_pointer self, const disconnect_client& wish) {
  const auto known = self->state.clients.find(wish.id);
  if (known == self->state.clients.end())
    return;
  replace(known->second, wish.id, wish.reason);
  leave(self, wish.id, known->second.session.address());
}

void subscribe(client_registry_state& state, const client_subscribed& news) {
  const auto known = state.clients.find(news.id);
  if (known == state.clients.end() || known->second.session != news.session
      || known->second.wants == news.wants)
    return;
  known->second.wants = news.wants;
  tell(state, {news.id, news.session, news.wants});
}

void watch(self_pointer self, const caf::actor& watcher) {
  auto& state = self->state;
  self->monitor(watcher);
  state.watchers.push_back(watcher);
  clients_changed everybody;
  for (const auto& [id, client] : state.clients)
    everybody.now.push_back({id, client.session, client.wants});
  caf::anon_send(watcher, std::move(everybody));
}

void bury(self_pointer self, const caf::actor_addr& session) {
  std::erase_if(self->state.watchers, [&](const caf::actor& watcher) {
    return watcher.address() == session;
  });
  const auto known = self->state.by_session.find(session.id());
  if (known == self->state.by_session.end())
    return;
  const auto ids = known->second;
  for (const auto& id : ids)
    leave(self, id, session);
  self->state.by_session.erase(session.id());
}

bool concerns(const verify_clients& wish, const identity_id& id) {
  if (wish.id.is_module())
    return wish.id == id;
  return wish.id.device.empty() || wish.id.device == id.device;
}

void verify(self_pointer self, const verify_clients& wish) {
  auto& state = self->state;
  state.changed = self->clock().now();
  std::unordered_map<caf::actor_id, caf::actor> sessions;
  for (const auto& [id, client] : state.clients)
    if (concerns(wish, id))
      sessions.emplace(client.session.id(), client.session);
  for (const auto& [number, session] : sessions)
    caf::anon_send(session, verify_again{});
}

} // namespace

client_registry_actor::behavior_type
client_registry(self_pointer self, std::size_t limit,
                std::function<std::int64_t()> now,
                std::shared_ptr<metrics> meters) {
  self->state.limit = limit;
  self->state.now = std::move(now);
  self->state.meters = std::move(meters);
  count_clients(self->state);
  self->set_down_handler(
    [self](const caf::down_msg& down) { bury(self, down.source); });
  return {
    [self](const client_join& wish) { return join(self, wish); },
    [self](const client_leave& gone) {
      leave(self, gone.id, gone.session.address());
    },
    [self](const client_subscribed& news) { subscribe(self->state, news); },
    [self](const watch_clients& wish) { watch(self, wish.watcher); },
    [self](const disconnect_client& wish) { disconnect(self, wish); },
    [self](const verify_clients& wish) { verify(self, wish); },
    [self](get_clients) {
      std::vector<client_info> all;
      for (const auto& [id, client] : self->state.clients)
        all.push_back(client.info);
      return all;
    },
    [self](const is_connected& asked) {
      return self->state.clients.contains(asked.id);
    },
  };
}

} // namespace tidegate
