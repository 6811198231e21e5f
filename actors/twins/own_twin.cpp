#include "actors/twins/own_twin.hpp"

#include "actors/log.hpp"
#include "messages/amqp/time_text.hpp"
#include "messages/error_text.hpp"
#include "messages/twin/edge_twin.hpp"
#include "messages/twin/merge.hpp"

#include <caf/send.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using self_pointer = caf::stateful_actor<own_twin_state>*;

/// A gateway may wait for its parent first.
constexpr auto twin_timeout = std::chrono::seconds{60};
constexpr auto router_timeout = std::chrono::seconds{60};

// Reporting.

void send_next(self_pointer self) {
  auto& state = self->state;
  if (state.sending.empty()) {
    if (state.report.empty())
      return;
    const auto patches = state.report.take();
    state.sending.assign(patches.begin(), patches.end());
  }
  const auto over = [self] {
    self->state.sending.pop_front();
    send_next(self);
  };
  // Clients are reported again then, with the next thing to report.
  const auto failed = [self](const caf::error& error) {
    log::warning("twins", "the node cannot report about itself",
                 {{"reason", error_text(error)}});
    self->state.report.lost();
    self->state.sending.pop_front();
    if (!self->state.sending.empty())
      send_next(self);
  };
  self
    ->request(state.context.twins, twin_timeout,
              report_properties{state.context.own, own(state.sending.front())})
    .then([over](const properties_reported&) { over(); }, failed);
}

/// What comes while something is being sent is sent together afterwards.
void send_report(self_pointer self) {
  if (self->state.sending.empty())
    send_next(self);
}

std::string now_text(const own_twin_state& state) {
  return amqp::time_text(state.context.now().time_since_epoch().count());
}

void take_clients(self_pointer self, const clients_changed& news) {
  auto& state = self->state;
  for (const auto& one : news.now) {
    if (one.id == state.context.own)
      continue;
    if (!one.session) {
      state.clients.erase(one.id);
      state.report.disconnected(one.id, now_text(state));
    } else if (std::exchange(state.clients[one.id], one.session)
               != one.session) {
      state.report.connected(one.id, now_text(state));
    }
  }
  if (!std::exchange(state.clients_wait, true))
    self->delayed_send(self, state.context.clients_pause, report_clients{});
}

/// Says what came of the desired properties, once for each version.
void tell(self_pointer self, std::int64_t version, int code,
          const std::string& description) {
  auto& state = self->state;
  if (state.told == std::pair{version, code})
    return;
  state.told = {version, code};
  if (code != 200)
    log::error("twins", "desired properties of this node are not applied",
               {{"version", std::to_string(version)}, {"reason", description}});
  state.report.configuration(version, code, description);
  send_report(self);
}

// Configuration.

void consider(self_pointer self);

void set(self_pointer self, const set_routes& wish, json::object content,
         std::int64_t version) {
  auto& state = self->state;
  state.setting = true;
  const auto over = [self] {
    self->state.setting = false;
    if (std::exchange(self->state.again, false))
      consider(self);
  };
  self->request(state.context.router, router_timeout, wish)
    .then(
      [self, content = std::move(content), version, over](routes_set) {
        log::info("twins", "desired properties of this node are applied",
                  {{"version", std::to_string(version)}});
        self->state.context.applied = content;
        tell(self, version, 200, "");
        over();
      },
      [self, version, over](const caf::error& error) {
        tell(self, version, 500, error_text(error));
        over();
      });
}

/// Applies the desired properties if they are new and right.
void consider(self_pointer self) {
  auto& state = self->state;
  const auto version = twin::version_of(state.desired);
  auto content = state.desired;
  content.erase("$version");
  if (!state.context.read || content.empty())
    return; // nothing was deployed yet
  if (state.setting) {
    state.again = true;
    return;
  }
  if (content == state.context.applied)
    return tell(self, version, 200, "");
  const auto wish = state.context.read(content);
  if (!wish)
    return tell(self, version, 400,
                "Error while parsing desired properties - "
                  + error_text(wish.error()));
  // Kept first: a restart must not go back to routes that have lanes no more.
  if (const auto error = state.context.keep(content))
    return tell(self, version, 500, error_text(error));
  set(self, *wish, std::move(content), version);
}

void read_twin(self_pointer self) {
  auto& state = self->state;
  self->request(state.context.twins, twin_timeout, get_twin{state.context.own})
    .then(
      [self](const twin_text& answer) {
        auto found = twin::client_twin_of(*answer.json);
        if (!found)
          return;
        self->state.desired = std::move(found->desired);
        consider(self);
      },
      [](const caf::error& error) {
        log::warning("twins", "the node's own twin cannot be read",
                     {{"reason", error_text(error)}});
      });
}

void take_desired(self_pointer self, const desired_changed& news) {
  const auto patch = twin::desired_patch_of(*news.patch);
  if (!patch)
    return;
  auto& desired = self->state.desired;
  desired = twin::merge(std::move(desired), *patch, twin::nulls::remove);
  consider(self);
}

} // namespace

caf::behavior own_twin(self_pointer self, own_twin_context context) {
  auto& state = self->state;
  state.context = std::move(context);
  state.report
    = twin::hub_report{state.context.version, state.context.room_for_clients};
  const auto me = caf::actor_cast<caf::actor>(self);
  // It follows its twin as any client does, but is none.
  caf::anon_send(
    caf::actor_cast<caf::actor>(state.context.twins),
    clients_changed{{{state.context.own, me, {false, true, false}}}});
  caf::anon_send(state.context.clients, watch_clients{me});
  self->send(self, read_own_twin{});
  self->send(self, report_clients{});
  return {
    [self](read_own_twin) {
      read_twin(self);
      self->delayed_send(self, self->state.context.refresh, read_own_twin{});
    },
    [self](const desired_changed& news) { take_desired(self, news); },
    [self](const clients_changed& news) { take_clients(self, news); },
    [self](report_clients) {
      self->state.clients_wait = false;
      send_report(self);
    },
  };
}

} // namespace tidegate
