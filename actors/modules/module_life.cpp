#include "actors/modules/module_life.hpp"

#include "actors/log.hpp"
#include "actors/modules/found_module.hpp"

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

void begin_command(self_pointer self, module_command what,
                   const deployment::module_spec& of) {
  self->state.meter.begin(what, of, self->clock().now());
}

void end_command(self_pointer self, module_command what) {
  self->state.meter.end(what, self->clock().now());
}

namespace {

using stage = module_state::successor::stage;

bool is_held(const module_state& state) {
  return state.coming && state.coming->at == stage::held;
}

std::string problem_of(const module_state& state) {
  if (is_held(state))
    return state.problem;
  if (state.dead && !state.coming)
    return state.problem;
  if (state.rejected && !state.coming)
    return rollback_note(state);
  const auto tried = state.now == phase::down || state.now == phase::waiting;
  if (tried && state.last_cause.kind == exit_kind::spawn_failed)
    return to_string(state.last_cause);
  return {};
}

} // namespace

bool is_settled(self_pointer self) {
  const auto& state = self->state;
  if (state.coming && state.coming->at != stage::held)
    return false;
  switch (state.now) {
  case phase::absent:
  case phase::down:
  case phase::up:
  case phase::waiting:
    return true;
  default:
    return false;
  }
}

void tell_agent(self_pointer self, bool waiting) {
  const auto& state = self->state;
  const auto agent = caf::actor_cast<caf::actor>(state.agent);
  if (!agent)
    return;
  const auto busy = state.coming
                    && (state.coming->at == stage::identity
                        || state.coming->at == stage::fetching);
  caf::anon_send(agent,
                 module_changed{state.status, is_settled(self), busy,
                                problem_of(state), waiting && is_held(state)});
}

void show(self_pointer self, runtime_status status, std::string description) {
  self->state.status.status = status;
  if (description.empty() && !self->state.coming)
    description = rollback_note(self->state);
  self->state.status.description = std::move(description);
  tell_agent(self);
}

void remember(self_pointer self) {
  auto& state = self->state;
  state.status.restarts.attempts = state.history.attempts;
  state.status.restarts.restarts = state.history.restarts;
  state.context.engine->remember(name_of(self), state.status.restarts);
}

void take_launch(self_pointer self, module_launch launch) {
  auto& state = self->state;
  state.launch = std::move(launch);
  const auto& spec = state.launch.spec;
  state.policy = module_restart_policy(spec.restart, state.context.wait);
  state.policy.most_attempts = state.context.most_attempts;
  auto& status = state.status;
  status.name = spec.name;
  status.image = spec.image;
  status.version = spec.version;
  status.restart = spec.restart;
  status.startup_order = spec.startup_order;
}

void obey(self_pointer self) {
  auto& state = self->state;
  const auto running = state.status.wanted_running;
  if (state.obeyed == running)
    return tell_agent(self);
  state.obeyed = running;
  // A deployment that changes its mind gives the module a fresh start.
  state.history = {};
  remember(self);
  switch (state.now) {
  case phase::starting:
  case phase::up:
    return running ? tell_agent(self) : stop(self, next::stay_down);
  case phase::stopping:
    if (state.then == next::stay_down || state.then == next::start)
      state.then = running ? next::start : next::stay_down;
    return;
  case phase::waiting:
  case phase::down:
    if (running)
      return start(self);
    state.now = phase::down;
    return show(self, runtime_status::stopped, {});
  default:
    return; // the phase ends by doing what is wanted
  }
}

void start(self_pointer self) {
  auto& state = self->state;
  ++state.life;
  state.found_down = false;
  state.now = phase::starting;
  begin_command(self, module_command::start, state.launch.spec);
  state.context.engine->start(name_of(self));
}

void stop(self_pointer self, next then) {
  auto& state = self->state;
  state.then = then;
  if (state.now == phase::stopping)
    return;
  state.now = phase::stopping;
  begin_command(self, module_command::stop, state.launch.spec);
  state.context.engine->stop(name_of(self), grace(self));
}

void remove(self_pointer self, next then) {
  auto& state = self->state;
  ++state.life;
  state.then = then;
  state.now = phase::removing;
  begin_command(self, module_command::remove, state.launch.spec);
  state.context.engine->remove(name_of(self), itself(self));
}

void follow(self_pointer self, const restart_decision& decision) {
  auto& state = self->state;
  state.now = phase::down;
  if (decision.what == restart_decision::action::restart)
    return restart_after(self, decision.after);
  if (status_after(state.last_cause) == runtime_status::failed
      && fail_trial(self))
    return;
  const auto given_up = decision.what != restart_decision::action::leave;
  show(self, given_up ? runtime_status::failed : status_after(state.last_cause),
       to_string(state.last_cause) + (given_up ? "; given up" : ""));
}

void judge(self_pointer self) {
  const auto& state = self->state;
  follow(self, decide(state.policy, state.last_cause, state.history,
                      self->clock().now()));
}

void judge_found(self_pointer self) {
  auto& state = self->state;
  state.found_down = false;
  switch (need_of({state.status.wanted_running, false, state.last_cause})) {
  case found_need::start:
    return start(self);
  case found_need::judge:
    return follow(
      self,
      decide_later(state.policy, state.last_cause, state.history,
                   milliseconds{state.context.now() - state.status.last_exit},
                   self->clock().now()));
  default:
    return show(self, runtime_status::stopped, {});
  }
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
    return judge(self);
  case next::quit:
    return self->quit(caf::exit_reason::user_shutdown);
  case next::replace:
  case next::remove:
    return remove(self, state.then);
  }
}

/// What an earlier gateway left down.
void found_down(self_pointer self) {
  auto& state = self->state;
  state.now = phase::down;
  state.found_down = true;
  if (replace(self))
    return;
  // Its workload socket is there once the wish is known to be the same.
  if (state.coming)
    return show(self, status_after(state.last_cause), {});
  judge_found(self);
}

void found_dead(self_pointer self) {
  auto& state = self->state;
  state.now = phase::down;
  state.dead = true;
  show(self, runtime_status::dead, "the engine could not remove it");
  if (!replace(self) && !state.coming)
    bring(self, state.launch);
}

} // namespace

void down(self_pointer self, const module_down& message) {
  auto& state = self->state;
  end_command(self, module_command::start);
  end_command(self, module_command::stop);
  state.last_cause = message.cause;
  state.status.pid = 0;
  state.status.exit_code = exit_code(message.cause);
  state.status.last_cause = to_string(message.cause);
  if (message.finished != 0)
    state.status.last_exit = message.finished;
  if (message.dead && state.now != phase::removing)
    return found_dead(self);
  switch (state.now) {
  case phase::adopting:
    return found_down(self);
  case phase::stopping:
    return stopped_as_told(self);
  case phase::starting:
  case phase::up:
    return judge(self);
  default:
    return;
  }
}

void up(self_pointer self, const module_up& message) {
  auto& state = self->state;
  end_command(self, module_command::start);
  state.status.pid = message.pid;
  state.status.last_start = message.started;
  if (!message.image_hash.empty())
    state.status.image_hash = message.image_hash;
  // One that survived has been up for a while.
  const auto age = std::max<std::int64_t>(
    state.now == phase::adopting ? state.context.now() - message.started : 0,
    0);
  state.history.up_since = self->clock().now() - milliseconds{age};
  state.misses = 0;
  state.healthy.reset();
  if (state.now == phase::stopping)
    return;
  state.now = phase::up;
  if (replace(self))
    return;
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
