#include "actors/log.hpp"
#include "actors/twins/edge_twin_steps.hpp"
#include "messages/error_text.hpp"

#include <caf/send.hpp>

namespace tidegate::edge_twin_steps {

namespace {

void run_jobs(self_pointer self);

/// Ends a job; those of an earlier connection no longer count.
job_end end_of_job(self_pointer self) {
  return [self, of = self->state.connection] {
    if (of != self->state.connection)
      return;
    --self->state.running;
    run_jobs(self);
  };
}

void run_jobs(self_pointer self) {
  auto& state = self->state;
  while (state.upstream && !state.jobs.empty()
         && state.running < state.context.options.window) {
    const auto next = state.jobs.front();
    state.jobs.pop_front();
    ++state.running;
    switch (next.what) {
    case task::follow:
      follow(self, next.id, end_of_job(self));
      break;
    case task::push:
      push(self, next.id, end_of_job(self));
      break;
    case task::resync:
      resync(self, next.id, end_of_job(self));
    }
  }
  if (state.upstream && state.jobs.empty() && state.running == 0
      && std::exchange(state.catching_up, false))
    caf::anon_send(state.upstream, twins_caught_up{});
}

/// Whose changes the parent does not have, as the store knows from before.
void read_owing(edge_twins_state& state) {
  if (std::exchange(state.owing_known, true))
    return;
  const auto error = state.context.store->visit(
    [&](const identity_id& id, caf::expected<boost::json::value> document) {
      if (!document)
        return state.meters->unreadable(id, document.error());
      const auto one = twin::edge_twin_of(std::move(*document));
      if (!one)
        state.meters->unreadable(id, one.error());
      else if (!one->pending.empty())
        state.owing.insert(id);
    });
  if (error)
    log::error("twins", "what was stored of twins cannot be read",
               {{"reason", error_text(error)}});
}

} // namespace

void enqueue(self_pointer self, task what, const identity_id& id) {
  self->state.jobs.push_back({what, id});
  run_jobs(self);
}

void lose_parent(edge_twins_state& state) {
  state.upstream = nullptr;
  ++state.connection;
  state.jobs.clear();
  state.running = 0;
  for (auto& [id, flow] : state.flows)
    flow.push_waits = false;
}

void resync_all(self_pointer self) {
  auto& state = self->state;
  for (const auto& [id, client] : state.clients)
    state.jobs.push_back({task::resync, id});
  run_jobs(self);
}

void resync_later(self_pointer self, std::chrono::milliseconds wait) {
  auto& at = self->state.resync_at;
  const auto due = self->clock().now() + wait;
  if (at && *at <= due)
    return;
  at = due;
  self->delayed_send(self, wait, resync_due{});
}

/// The parent is back: first what clients follow, then what they reported,
/// then what they are to be told (design section 6).
void catch_up(self_pointer self, const upstream_ready& ready) {
  auto& state = self->state;
  lose_parent(state);
  read_owing(state);
  state.upstream = caf::actor_cast<upstream_actor>(ready.upstream);
  self->monitor(ready.upstream);
  state.catching_up = true;
  fetch_once_more(self);
  for (const auto& [id, client] : state.clients)
    if (client.wants.desired)
      state.jobs.push_back({task::follow, id});
  for (const auto& id : state.owing) {
    state.flows[id].push_waits = true;
    state.jobs.push_back({task::push, id});
  }
  resync_all(self);
}

} // namespace tidegate::edge_twin_steps
