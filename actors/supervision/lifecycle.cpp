#include "actors/supervision/lifecycle.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"

#include <caf/send.hpp>

namespace tidegate::lifecycle {

namespace {

using condition = supervised_child::condition;

std::string place(self_pointer self, const supervised_child& child) {
  return self->state.options.name + '/' + child.spec.name;
}

void restart_later(self_pointer self, child_id id,
                   std::chrono::milliseconds after) {
  auto& child = self->state.children.at(id);
  const auto actor = place(self, child);
  log::warning("actors", "an actor ended and is restarted",
               {{"actor", actor},
                {"cause", to_string(child.last_cause)},
                {"after_ms", std::to_string(after.count())}});
  child.history
    = counted(child.spec.policy, child.history, self->clock().now());
  child.now = condition::waiting;
  if (const auto& meters = self->state.options.meters)
    meters
      ->counter("tidegate_actor_restarts_total", "Restarts of actors.",
                {{"actor", actor}})
      .Increment();
  self->delayed_send(self, after, restart_due{id, child.incarnation});
}

void escalate(self_pointer self, child_id id) {
  auto& child = self->state.children.at(id);
  const auto actor = place(self, child);
  const auto cause = to_string(child.last_cause);
  log::error("actors", "an actor ended too often; its supervisor ends too",
             {{"actor", actor}, {"cause", cause}});
  child.now = condition::failed;
  begin_stop(self, caf::make_error(ec::unavailable, actor + ": " + cause));
}

void give_up(self_pointer self, child_id id) {
  const auto& child = self->state.children.at(id);
  log::error(
    "actors", "an actor ended too often and is given up",
    {{"actor", place(self, child)}, {"cause", to_string(child.last_cause)}});
  settle(self, id, condition::failed);
}

void follow_policy(self_pointer self, child_id id) {
  const auto& child = self->state.children.at(id);
  const auto decision = decide(child.spec.policy, child.last_cause,
                               child.history, self->clock().now());
  switch (decision.what) {
  case restart_decision::action::restart:
    return restart_later(self, id, decision.after);
  case restart_decision::action::give_up:
    return give_up(self, id);
  case restart_decision::action::escalate:
    return escalate(self, id);
  case restart_decision::action::leave:
    break;
  }
  const auto clean = child.last_cause.kind == exit_kind::finished
                     || child.last_cause.kind == exit_kind::stopped;
  settle(self, id, clean ? condition::down : condition::failed);
}

} // namespace

void send_exit_now(const caf::actor& whom, caf::exit_reason why) {
  caf::anon_send<caf::message_priority::high>(
    whom, caf::exit_msg{whom.address(), why});
}

void settle(self_pointer self, child_id id, condition as) {
  auto& child = self->state.children.at(id);
  child.now = as;
  if (child.dynamic)
    self->state.children.erase(id);
}

void start(self_pointer self, child_id id) {
  auto& child = self->state.children.at(id);
  ++child.incarnation;
  child.misses = 0;
  std::string problem = "it gave no handle";
  try {
    child.handle = child.spec.start(self);
  } catch (const std::exception& thrown) {
    child.handle = nullptr;
    problem = thrown.what();
  }
  if (!child.handle)
    return ended(self, id, {exit_kind::spawn_failed, 0, std::move(problem)});
  child.now = condition::running;
  child.history.up_since = self->clock().now();
  self->state.by_actor[child.handle.id()] = id;
  self->monitor(child.handle);
  if (child.spec.probe)
    self->delayed_send(self, child.spec.probe->interval,
                       probe_due{id, child.incarnation});
}

void ended(self_pointer self, child_id id, exit_cause cause) {
  auto& child = self->state.children.at(id);
  const auto was_asked = child.now == condition::stopping;
  child.handle = nullptr;
  child.last_cause = std::move(cause);
  child.ended_before = true;
  if (self->state.stopping) {
    child.now = condition::down;
    return stop_next(self);
  }
  if (child.restart_wanted) {
    child.restart_wanted = false;
    return start(self, id);
  }
  if (was_asked)
    return settle(self, id, condition::down);
  follow_policy(self, id);
}

void ask_to_stop(self_pointer self, child_id id) {
  auto& child = self->state.children.at(id);
  child.now = condition::stopping;
  send_exit_now(child.handle, caf::exit_reason::user_shutdown);
  self->delayed_send(self, child.spec.stop_grace,
                     stop_due{id, child.incarnation});
}

void replace_stuck(self_pointer self, child_id id, exit_cause cause) {
  const auto& child = self->state.children.at(id);
  self->demonitor(child.handle);
  self->state.by_actor.erase(child.handle.id());
  send_exit_now(child.handle, caf::exit_reason::kill);
  ended(self, id, std::move(cause));
}

void begin_stop(self_pointer self, caf::error reason) {
  auto& state = self->state;
  if (state.stopping)
    return;
  state.stopping = true;
  state.stop_reason = std::move(reason);
  for (const auto& [id, child] : state.watched)
    send_exit_now(child.handle, caf::exit_reason::user_shutdown);
  if (state.watched.empty())
    stop_next(self);
  else
    self->delayed_send(self, child_spec{}.stop_grace, watched_stop_due{});
}

void stop_next(self_pointer self) {
  auto& state = self->state;
  for (auto i = state.children.rbegin(); i != state.children.rend(); ++i)
    if (i->second.handle)
      return ask_to_stop(self, i->first);
  self->quit(state.stop_reason);
}

} // namespace tidegate::lifecycle
