#include "actors/modules/module.hpp"

#include "actors/log.hpp"
#include "actors/modules/module_life.hpp"

namespace tidegate {

namespace {

using namespace module_life;
using phase = module_state::phase;
using next = module_state::next;
using std::chrono::milliseconds;

/// The engine could not remove it: it tries again later.
void stays(self_pointer self, const std::string& problem) {
  auto& state = self->state;
  state.now = phase::down;
  state.dead = true;
  state.problem = problem;
  state.coming.reset();
  state.retries.failed(self->clock().now());
  show(self, runtime_status::dead, problem);
  if (const auto wait = state.retries.wait())
    self->delayed_send(self, *wait, remove_module{});
}

void done(self_pointer self, const engine_done& message) {
  auto& state = self->state;
  if (!message.prepared.empty())
    return fetched(self, message);
  switch (state.now) {
  case phase::creating:
    return created(self, message.problem);
  case phase::removing:
    end_command(self, module_command::remove);
    if (state.then == next::replace)
      return cleared(self, message.problem);
    if (!message.problem.empty())
      return stays(self, message.problem);
    if (state.then == next::remove)
      state.context.host->release(name_of(self));
    return self->quit();
  default:
    return;
  }
}

void want(self_pointer self, const want_module& wish) {
  auto& state = self->state;
  state.status.wanted_running = wish.spec.running;
  auto& newest = state.coming ? state.coming->launch : state.launch;
  const auto stays_back
    = state.rejected && wish.spec.hash == state.rejected->hash;
  if (!stays_back)
    state.rejected.reset();
  if (!stays_back && wish.spec.hash != newest.spec.hash) {
    state.retries.clear();
    state.history = {};
    remember(self);
    return bring(self, {wish.spec, {}, {}, wish.credential, {}});
  }
  newest.spec.running = wish.spec.running;
  if (!stays_back)
    newest.credential = wish.credential;
  const auto held
    = state.coming && state.coming->at == module_state::successor::stage::held;
  if (held && wish.fresh) {
    state.retries.clear();
    return try_again(self);
  }
  if (held && state.obeyed == wish.spec.running)
    return tell_agent(self, true);
  if (!state.coming || held)
    obey(self);
  else
    tell_agent(self);
}

void restart(self_pointer self) {
  switch (self->state.now) {
  case phase::starting:
  case phase::up:
    return stop(self, next::start);
  case phase::waiting:
  case phase::down:
    return start(self);
  case phase::absent:
    self->state.retries.clear();
    if (is_settled(self))
      try_again(self);
    return;
  default:
    return;
  }
}

/// By an operator: what runs, or is about to, stays as it is.
void start_if_down(self_pointer self) {
  auto& state = self->state;
  if (state.now == phase::stopping && state.then == next::stay_down)
    state.then = next::start;
  else if (state.now != phase::starting && state.now != phase::up)
    restart(self);
}

/// By an operator: down until it is started again.
void stop_if_up(self_pointer self) {
  auto& state = self->state;
  switch (state.now) {
  case phase::starting:
  case phase::up:
    return stop(self, next::stay_down);
  case phase::stopping:
    if (state.then == next::start)
      state.then = next::stay_down;
    return;
  case phase::waiting:
    state.now = phase::down;
    return show(self, runtime_status::stopped, {});
  default:
    return;
  }
}

void end(self_pointer self, next how) {
  switch (self->state.now) {
  case phase::starting:
  case phase::up:
  case phase::stopping:
    return stop(self, how);
  case phase::removing:
    if (self->state.then == next::replace)
      self->state.then = how;
    return;
  default:
    if (how == next::remove)
      return remove(self, how);
    self->quit(caf::exit_reason::user_shutdown);
  }
}

void settle_in(self_pointer self, std::uint64_t life) {
  auto& state = self->state;
  if (state.life != life || state.now != phase::up
      || state.history.attempts == 0
      || !is_stable(state.policy,
                    self->clock().now() - *state.history.up_since))
    return;
  state.history.attempts = 0;
  remember(self);
  tell_agent(self);
}

/// Takes over what the engine has.
void adopt(self_pointer self, const module_record& found) {
  auto& state = self->state;
  auto memo = decode_memo(found.memo, state.context.rules);
  state.good = std::move(memo.good);
  if (memo.spec && memo.rejected
      && memo.rejected->hash == state.launch.spec.hash)
    state.rejected = std::move(memo.rejected);
  if (memo.spec)
    take_launch(self, {*memo.spec, {}, {}, {}, {}});
  state.launch.hash = found.hash;
  state.launch.memo = found.memo;
  state.status.image_hash = found.image_hash;
  state.history.attempts = found.restarts.attempts;
  state.history.restarts = found.restarts.restarts;
  state.status.restarts = found.restarts;
  if (!memo.spec) // by an older gateway
    state.status.restarts.proven = false;
  begin_trial(self);
  state.dead = found.dead;
  state.now = phase::adopting;
  state.context.engine->adopt(name_of(self), itself(self));
}

} // namespace

caf::behavior module_actor(self_pointer self, module_context context,
                           want_module wanted,
                           std::optional<module_record> found,
                           caf::actor agent) {
  auto& state = self->state;
  state.context = std::move(context);
  state.meter = command_meter{state.context.meters};
  state.retries.unit = state.context.wait.unit;
  state.agent = agent.address();
  state.status.status = runtime_status::stopped;
  state.status.wanted_running = state.obeyed = wanted.spec.running;
  module_launch launch{
    std::move(wanted.spec), {}, {}, std::move(wanted.credential), {}};
  take_launch(self, launch);
  if (found)
    adopt(self, *found);
  self->set_exit_handler(
    [self](const caf::exit_msg&) { end(self, next::quit); });
  if (state.rejected) // what is wanted has been tried
    launch = {state.launch.spec, {}, {}, {}, {}};
  bring(self, std::move(launch), state.rejected.has_value());
  return {
    [self](const module_prepared& message) { host_ready(self, message); },
    [self](const engine_done& message) { done(self, message); },
    [self](const module_up& message) { up(self, message); },
    [self](const module_down& message) { down(self, message); },
    [self](const module_health& message) { judged(self, message); },
    [self](const probe_done& message) {
      examined(self, self->state.probed_life, message.healthy, message.detail);
    },
    [self](restart_due due) {
      if (self->state.now == phase::waiting && self->state.life == due.life)
        start(self);
    },
    [self](retry_due due) {
      if (self->state.retry == due.retry)
        try_again(self);
    },
    [self](health_due due) { examine(self, due); },
    [self](trial_due due) { end_trial(self, due); },
    [self](stable_due due) { settle_in(self, due.life); },
    [self](const want_module& wish) { want(self, wish); },
    [self](restart_now) { restart(self); },
    [self](start_now) { start_if_down(self); },
    [self](stop_now) { stop_if_up(self); },
    [self](remove_module) { end(self, next::remove); },
  };
}

} // namespace tidegate
