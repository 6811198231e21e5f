#include "actors/c2d/c2d_relay.hpp"

#include "messages/ec.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

/// The edge hub tells devices a later time than the hub said, for clocks that
/// differ (edge-hub spec 6.5).
constexpr auto enqueued_shift = std::chrono::seconds{30};

void count(const c2d_relay_state& state, const char* what) {
  state.meters
    ->counter("tidegate_c2d_relayed_total",
              "Cloud-to-device messages from the parent, by what was done "
              "with them.",
              {{"result", what}})
    .Increment();
}

void pass_on(c2d_relay_state& state, const deliver_c2d& news) {
  const auto& token = news.message.lock_token;
  const auto known = state.listeners.find(news.target.device);
  if (known == state.listeners.end() || !known->second.wants
      || news.target.is_module())
    return count(state, "not_connected");
  auto& to = known->second;
  const auto repeated
    = std::find(to.under_way.begin(), to.under_way.end(), token)
      != to.under_way.end();
  if (token.empty() || repeated)
    return count(state, "ignored");
  if (to.under_way.size() >= most_relayed)
    to.under_way.pop_front();
  to.under_way.push_back(token);
  auto wish = news;
  wish.message.enqueued += enqueued_shift;
  caf::anon_send(to.session, std::move(wish));
  count(state, "delivered");
}

void pass_back(c2d_relay_state& state, const c2d_decided& news) {
  const auto known = state.listeners.find(news.by.device);
  if (known == state.listeners.end() || news.by.is_module())
    return;
  auto& under_way = known->second.under_way;
  if (std::erase(under_way, news.lock_token) > 0)
    caf::anon_send(state.upstream, news);
}

void take_presence(c2d_relay_state& state, const client_presence& client) {
  if (!client.session) {
    state.listeners.erase(client.id.device);
    return;
  }
  auto& known = state.listeners[client.id.device];
  if (known.session != client.session)
    known.under_way.clear();
  known.session = client.session;
  known.wants = client.wants.c2d;
}

} // namespace

c2d_relay_behavior::behavior_type
c2d_relay(c2d_relay_behavior::stateful_pointer<c2d_relay_state> self,
          const client_registry_actor& clients,
          std::shared_ptr<metrics> meters) {
  self->state.meters = std::move(meters);
  caf::anon_send(clients, watch_clients{caf::actor_cast<caf::actor>(self)});
  return {
    [self](const c2d_decided& news) { pass_back(self->state, news); },
    [](const send_c2d&) -> caf::result<c2d_queued> {
      return caf::make_error(ec::refused, "this node is a gateway; messages "
                                          "are sent at its hub");
    },
    [self](const deliver_c2d& news) { pass_on(self->state, news); },
    [self](const upstream_ready& news) {
      self->state.upstream = news.upstream;
      for (auto& [device, one] : self->state.listeners)
        one.under_way.clear();
    },
    [self](const clients_changed& news) {
      for (const auto& client : news.now)
        if (!client.id.is_module())
          take_presence(self->state, client);
    },
  };
}

} // namespace tidegate
