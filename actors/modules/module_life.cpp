#include "actors/modules/module_life.hpp"

#include "actors/log.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate::module_life {

namespace {

using phase = module_state::phase;
using next = module_state::next;
using std::chrono::milliseconds;

milliseconds grace(self_pointer self) {
  const auto& own = self->state.launch.spec.process.stop_grace;
  return own ? milliseconds{*own} : self->state.context.stop_grace;
}

void restart_after(self_pointer self, milliseconds delay) {
  auto& state = self->state;
  state.history = counted(state.policy, state.history, self->clock().now());
  state.status.restarts.last_restart = state.context.now();
  remember(self);
  if (state.context.meters)
    state.context.meters
      ->counter("tidegate_module_restarts_total", "Restarts of modules.",
                {{"module", name_of(self)}})
      .Increment();
  state.now = phase::waiting;
  log::warning("modules", "a module ended and will be started again",
               {{"module", name_of(self)},
                {"cause", to_string(state.last_cause)},
                {"after_ms", std::to_string(delay.count())}});
  show(self, runtime_status::backoff, to_string(state.last_cause));
  self->delayed_send(self, delay, restart_due{state.life});
}

} // namespace

const std::string& name_of(self_pointer self) {
  return self->state.launch.spec.name;
}

caf::actor itself(self_pointer self) {
  return caf::actor_cast<caf::actor>(self);
}

void tell_agent(self_pointer self, bool settled) {
  if (const auto agent = caf::actor_cast<caf::actor>(self->state.agent))
    caf::anon_send(agent, module_changed{self->state.status, settled});
}

void show(self_pointer self, runtime_status status, std::string description) {
  self->state.status.status = status;
  self->state.status.description = std::move(description);
  tell_agent(self, true);
}

void remember(self_pointer self) {
  auto& state = self->state;
  state.status.restarts.attempts = state.history.attempts;
  state.status.restarts.restarts = state.history.restarts;
  state.context.engine->remember(name_of(self), state.status.restarts);
}

void start(self_pointer self) {
  auto& state = self->state;
  ++state.life;
  if (!state.created) {
    state.now = phase::creating;
    return state.context.engine->create(state.launch, itself(self));
  }
  state.now = phase::starting;
  state.context.engine->start(name_of(self));
}

void stop(self_pointer self, next then) {
  auto& state = self->state;
  state.then = then;
  if (state.now == phase::stopping)
    return;
  state.now = phase::stopping;
  state.context.engine->stop(name_of(self), grace(self));
}

void remove(self_pointer self) {
  self->state.now = phase::removing;
  self->state.context.engine->remove(name_of(self), itself(self));
}

void judge(self_pointer self, milliseconds elapsed) {
  auto& state = self->state;
  state.now = phase::down;
  const auto decision = decide(state.policy, state.last_cause, state.history,
                               self->clock().now());
  if (decision.what == restart_decision::action::restart)
    return restart_after(self, elapsed > milliseconds{0}
                                 ? remaining(decision.after, elapsed)
                                 : decision.after);
  const auto given_up = decision.what != restart_decision::action::leave;
  show(self, given_up ? runtime_status::failed : status_after(state.last_cause),
       to_string(state.last_cause) + (given_up ? "; given up" : ""));
}

namespace {

/// It went down and that was wanted.
void stopped_as_told(self_pointer self) {
  auto& state = self->state;
  state.now = phase::down;
  switch (state.then) {
  case next::stay_down:
    return show(self, runtime_status::stopped, {});
  case next::start:
    return start(self);
  case next::judge_unhealthy:
    state.last_cause = {exit_kind::unhealthy, 0, state.sickness};
    return judge(self, milliseconds{0});
  case next::quit:
    return self->quit(caf::exit_reason::user_shutdown);
  case next::remove:
    return remove(self);
  }
}

/// What an earlier gateway left down: stopped with it, or ended by itself.
void found_down(self_pointer self) {
  auto& state = self->state;
  state.now = phase::down;
  if (!state.status.wanted_running)
    return show(self, runtime_status::stopped, {});
  if (state.last_cause.kind == exit_kind::stopped)
    return start(self);
  const milliseconds elapsed{state.context.now() - state.status.last_exit};
  judge(self, std::max(elapsed, milliseconds{1}));
}

} // namespace

void down(self_pointer self, const module_down& message) {
  auto& state = self->state;
  state.last_cause = message.cause;
  state.status.pid = 0;
  state.status.exit_code = exit_code(message.cause);
  state.status.last_cause = to_string(message.cause);
  if (message.finished != 0)
    state.status.last_exit = message.finished;
  switch (state.now) {
  case phase::adopting:
    return found_down(self);
  case phase::stopping:
    return stopped_as_told(self);
  case phase::starting:
  case phase::up:
    return judge(self, milliseconds{0});
  default:
    return;
  }
}

void up(self_pointer self, const module_up& message) {
  auto& state = self->state;
  state.status.pid = message.pid;
  state.status.last_start = message.started;
  // One that survived has been up for a while.
  const auto age = std::max<std::int64_t>(
    state.now == phase::adopting ? state.context.now() - message.started : 0,
    0);
  state.history.up_since = self->clock().now() - milliseconds{age};
  state.misses = 0;
  if (state.now == phase::stopping)
    return;
  state.now = phase::up;
  if (!state.status.wanted_running)
    return stop(self, next::stay_down);
  log::info("modules", "a module runs",
            {{"module", name_of(self)}, {"pid", std::to_string(message.pid)}});
  show(self, runtime_status::running, {});
  self->delayed_send(self, state.policy.stable + milliseconds{1},
                     stable_due{state.life});
  if (const auto& health = state.launch.spec.process.health)
    self->delayed_send(self, health->interval, health_due{state.life});
}

} // namespace tidegate::module_life
