#include "actors/modules/module.hpp"

#include "actors/log.hpp"
#include "actors/modules/module_life.hpp"

namespace tidegate {

namespace {

struct prepare_due {};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::prepare_due)

namespace tidegate {

namespace {

using namespace module_life;
using phase = module_state::phase;
using next = module_state::next;
using std::chrono::milliseconds;

void create_or_adopt(self_pointer self) {
  auto& state = self->state;
  if (!state.found) {
    state.now = phase::creating;
    return state.context.engine->create(state.launch, itself(self));
  }
  if (state.found->hash != state.launch.hash) {
    state.now = phase::clearing;
    return state.context.engine->remove(name_of(self), itself(self));
  }
  state.created = true;
  state.history.attempts = state.found->restarts.attempts;
  state.history.restarts = state.found->restarts.restarts;
  state.status.restarts = state.found->restarts;
  state.now = phase::adopting;
  state.context.engine->adopt(name_of(self), itself(self));
}

void prepared(self_pointer self, const module_prepared& message) {
  auto& state = self->state;
  if (state.now != phase::preparing)
    return;
  if (!message.problem.empty()) {
    log::warning("modules", "a module cannot be prepared yet",
                 {{"module", name_of(self)}, {"why", message.problem}});
    show(self, runtime_status::backoff, message.problem);
    return self->delayed_send(self, state.context.wait.unit, prepare_due{});
  }
  auto env
    = deployment::module_environment(state.launch.spec, message.surroundings);
  state.launch = make_launch(std::move(state.launch.spec), std::move(env));
  create_or_adopt(self);
}

void created(self_pointer self, const std::string& problem) {
  auto& state = self->state;
  if (!problem.empty()) {
    state.last_cause = {exit_kind::spawn_failed, 0, problem};
    return judge(self, milliseconds{0});
  }
  state.created = true;
  if (state.status.wanted_running)
    return start(self);
  state.now = phase::down;
  show(self, runtime_status::stopped, {});
}

void done(self_pointer self, const engine_done& message) {
  auto& state = self->state;
  switch (state.now) {
  case phase::clearing:
    state.found.reset();
    return create_or_adopt(self);
  case phase::creating:
    return created(self, message.problem);
  case phase::removing:
    state.context.host->release(name_of(self));
    return self->quit();
  default:
    return;
  }
}

void want(self_pointer self, bool running) {
  auto& state = self->state;
  const auto changed = state.status.wanted_running != running;
  state.status.wanted_running = running;
  if (!changed)
    return tell_agent(self, true);
  // A deployment that changes its mind gives the module a fresh start.
  state.history = {};
  remember(self);
  switch (state.now) {
  case phase::starting:
  case phase::up:
    return running ? tell_agent(self, true) : stop(self, next::stay_down);
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

void restart(self_pointer self) {
  switch (self->state.now) {
  case phase::starting:
  case phase::up:
    return stop(self, next::start);
  case phase::waiting:
  case phase::down:
    return start(self);
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
    return;
  default:
    if (how == next::remove)
      return remove(self);
    self->quit(caf::exit_reason::user_shutdown);
  }
}

void settle_in(self_pointer self, std::uint64_t life) {
  auto& state = self->state;
  if (state.life != life || state.now != phase::up
      || state.history.attempts == 0)
    return;
  state.history.attempts = 0;
  remember(self);
  tell_agent(self, false);
}

module_status first_status(const deployment::module_spec& spec) {
  module_status status;
  status.name = spec.name;
  status.image = spec.image;
  status.version = spec.version;
  status.wanted_running = spec.running;
  status.restart = spec.restart;
  status.startup_order = spec.startup_order;
  status.status = runtime_status::stopped;
  return status;
}

} // namespace

caf::behavior module_actor(self_pointer self, module_context context,
                           deployment::module_spec spec,
                           std::optional<module_record> found,
                           caf::actor agent) {
  auto& state = self->state;
  state.context = std::move(context);
  state.policy = module_restart_policy(spec.restart, state.context.wait);
  state.policy.most_attempts = state.context.most_attempts;
  state.status = first_status(spec);
  state.launch.spec = std::move(spec);
  state.found = std::move(found);
  state.agent = agent.address();
  self->set_exit_handler(
    [self](const caf::exit_msg&) { end(self, next::quit); });
  state.context.host->prepare(state.launch.spec, itself(self));
  return {
    [self](const module_prepared& message) { prepared(self, message); },
    [self](prepare_due) {
      if (self->state.now == phase::preparing)
        self->state.context.host->prepare(self->state.launch.spec,
                                          itself(self));
    },
    [self](const engine_done& message) { done(self, message); },
    [self](const module_up& message) { up(self, message); },
    [self](const module_down& message) { down(self, message); },
    [self](const probe_done& message) {
      examined(self, self->state.probed_life, message.healthy, message.detail);
    },
    [self](restart_due due) {
      if (self->state.now == phase::waiting && self->state.life == due.life)
        start(self);
    },
    [self](health_due due) { examine(self, due); },
    [self](stable_due due) { settle_in(self, due.life); },
    [self](want_module wish) { want(self, wish.running); },
    [self](restart_now) { restart(self); },
    [self](remove_module) { end(self, next::remove); },
  };
}

} // namespace tidegate
