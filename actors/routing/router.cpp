#include "actors/routing/router.hpp"

#include "actors/log.hpp"

#include <algorithm>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>

namespace tidegate {

namespace {

using self_pointer = router_actor::stateful_pointer<router_state>;
using promise = caf::typed_response_promise<routes_set>;

constexpr auto store_timeout = std::chrono::seconds{60};
constexpr auto status_timeout = std::chrono::seconds{2};

bool serves(const std::string& prefix, const std::string& sink) {
  return prefix.ends_with('/') ? sink.starts_with(prefix) : sink == prefix;
}

/// Gives a route that has come up its lanes, and the target it has.
void equip(self_pointer self, const route_up& up) {
  const auto known = self->state.sinks.find(up.sink);
  if (known == self->state.sinks.end())
    return;
  known->second.route = up.route;
  for (const auto lane : known->second.lanes)
    caf::anon_send(up.route, add_lane{lane});
  for (const auto& [prefix, target] : self->state.targets)
    if (serves(prefix, up.sink))
      caf::anon_send(up.route, target);
}

void add(self_pointer self, const lane_status& lane) {
  auto& sink = self->state.sinks[lane.key.sink];
  if (!sink.lanes.insert(lane.id).second)
    return;
  if (sink.route)
    caf::anon_send(sink.route, add_lane{lane.id});
}

void start_new(self_pointer self) {
  for (auto& [name, sink] : self->state.sinks)
    if (!std::exchange(sink.started, true))
      self->state.context.start_route(name);
}

/// Ends the sinks that no route leads to any more, with what is queued there.
void drop_unused(self_pointer self, const std::set<std::string>& used,
                 const std::vector<lane_status>& known) {
  auto& state = self->state;
  for (const auto& lane : known) {
    if (used.contains(lane.key.sink))
      continue;
    if (lane.ledger.pending() > 0)
      log::warning("router",
                   "no route leads to this sink any more; what was queued "
                   "for it is given up",
                   {{"sink", lane.key.sink},
                    {"messages", std::to_string(lane.ledger.pending())}});
    caf::anon_send(state.context.store, drop_lane{lane.id});
  }
  std::erase_if(state.sinks, [&](auto& entry) {
    if (used.contains(entry.first))
      return false;
    state.context.stop_route(entry.first);
    return true;
  });
}

/// What is collected while the store opens the lanes of a new table.
struct change {
  set_routes wish;
  std::vector<lane_id> lanes;
  std::size_t missing = 0;
  bool failed = false;
};

/// All lanes are open: start what is new, publish, then end what is unused.
void finish(self_pointer self, const std::shared_ptr<change>& with,
            promise to) {
  self->request(self->state.context.store, store_timeout, get_lanes{})
    .then(
      [self, with, to](const std::vector<lane_status>& known) mutable {
        std::set<std::string> used;
        for (const auto& key : with->wish.sinks)
          used.insert(key.sink);
        for (const auto& lane : known)
          if (used.contains(lane.key.sink))
            add(self, lane);
        start_new(self);
        self->state.context.board->publish(
          std::make_shared<const route_snapshot>(
            route_snapshot{with->wish.table, with->lanes}));
        drop_unused(self, used, known);
        to.deliver(routes_set{});
      },
      [to](caf::error& error) mutable { to.deliver(std::move(error)); });
}

promise change_routes(self_pointer self, const set_routes& wish) {
  auto to = self->make_response_promise<routes_set>();
  auto with = std::make_shared<change>();
  with->wish = wish;
  with->lanes.resize(wish.sinks.size());
  with->missing = wish.sinks.size();
  if (wish.sinks.empty())
    finish(self, with, to);
  for (std::size_t i = 0; i < wish.sinks.size(); ++i) {
    self
      ->request(self->state.context.store, store_timeout,
                open_lane{wish.sinks[i]})
      .then(
        [self, with, to, i](const lane_status& lane) mutable {
          with->lanes[i] = lane.id;
          if (--with->missing == 0 && !with->failed)
            finish(self, with, to);
        },
        [with, to](caf::error& error) mutable {
          if (!std::exchange(with->failed, true))
            to.deliver(std::move(error));
        });
  }
  return to;
}

void pass_on(self_pointer self, const std::string& prefix,
             const auto& message) {
  for (const auto& [name, sink] : self->state.sinks)
    if (serves(prefix, name) && sink.route)
      caf::anon_send(sink.route, message);
}

/// What is collected while routes report.
struct report {
  std::vector<route_status> all;
  std::size_t missing = 0;
};

caf::typed_response_promise<std::vector<route_status>>
collect_status(self_pointer self) {
  auto to = self->make_response_promise<std::vector<route_status>>();
  auto into = std::make_shared<report>();
  into->missing = 1;
  auto arrived = [into, to]() mutable {
    if (--into->missing == 0)
      to.deliver(std::move(into->all));
  };
  for (const auto& [name, sink] : self->state.sinks) {
    if (!sink.route)
      continue;
    ++into->missing;
    self->request(sink.route, status_timeout, get_route_status{})
      .then(
        [into, arrived](const route_status& status) mutable {
          into->all.push_back(status);
          arrived();
        },
        [arrived](const caf::error&) mutable { arrived(); });
  }
  arrived();
  return to;
}

} // namespace

router_actor::behavior_type router(self_pointer self, router_context context) {
  self->state.context = std::move(context);
  return {
    [self](const set_routes& wish) { return change_routes(self, wish); },
    [self](const route_up& up) { equip(self, up); },
    [self](const target_ready& ready) {
      self->state.targets[ready.sink_prefix] = ready;
      pass_on(self, ready.sink_prefix, ready);
    },
    [self](const target_gone& gone) {
      const auto known = self->state.targets.find(gone.sink_prefix);
      if (known != self->state.targets.end()
          && known->second.target == gone.target)
        self->state.targets.erase(known);
      pass_on(self, gone.sink_prefix, gone);
    },
    [self](get_routes) { return collect_status(self); },
  };
}

} // namespace tidegate
