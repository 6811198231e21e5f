#include "actors/log.hpp"
#include "actors/modules/module_life.hpp"
#include "actors/modules/trial.hpp"

namespace tidegate::module_life {

namespace {

using phase = module_state::phase;
using next = module_state::next;
using stage = module_state::successor::stage;
using std::chrono::milliseconds;

void ask_host(self_pointer self) {
  auto& state = self->state;
  state.coming->at = stage::identity;
  state.context.host->prepare(state.coming->launch.spec, itself(self));
}

bool wanted(const module_state& state) { return state.status.wanted_running; }

/// Goes on with what is there, for now.
void hold(self_pointer self, const std::string& problem,
          std::optional<milliseconds> wait) {
  auto& state = self->state;
  const auto fetching = state.coming->at == stage::fetching;
  state.coming->at = stage::held;
  state.problem = problem;
  log::warning("modules", "a module cannot be made as it is wanted",
               {{"module", name_of(self)},
                {"why", problem},
                {"again_after_ms", wait ? std::to_string(wait->count()) : ""}});
  ++state.retry;
  if (wait)
    self->delayed_send(self, *wait, retry_due{state.retry});
  const bool down = state.now == phase::absent || state.found_down;
  if (state.now == phase::absent || (down && !fetching && wanted(state)))
    return show(self, runtime_status::backoff, problem);
  if (state.found_down && fetching)
    return judge_found(self);
  // What it needs of this node it lacks, whatever it is made from.
  if (!fetching)
    state.status.description = problem;
  obey(self);
}

void hold_failed(self_pointer self, const std::string& problem) {
  auto& retries = self->state.retries;
  retries.failed(self->clock().now());
  hold(self, problem, retries.wait());
}

/// What is there is what is wanted.
void keep(self_pointer self) {
  auto& state = self->state;
  auto memo = std::move(state.launch.memo);
  take_launch(self, std::move(state.coming->launch));
  state.launch.memo = std::move(memo);
  state.coming.reset();
  state.retries.clear();
  if (state.status.description == state.problem)
    state.status.description.clear();
  if (state.found_down)
    return judge_found(self);
  if (state.status.description.empty())
    state.status.description = rollback_note(state);
  obey(self);
}

void create(self_pointer self) {
  auto& state = self->state;
  const auto way_back = state.coming->way_back;
  if (way_back)
    state.good.reset();
  else if (state.status.restarts.proven)
    state.good = state.launch.spec;
  take_launch(self, std::move(state.coming->launch));
  state.coming.reset();
  state.launch.memo = encode({state.launch.spec, state.good, state.rejected});
  state.dead = state.found_down = false;
  state.history = {};
  state.status.restarts = {};
  // What once worked, or nobody doubts, is a way back itself.
  state.status.restarts.proven
    = way_back || !trial_grace(state.launch.spec, state.context.rollback_grace);
  state.now = phase::creating;
  begin_command(self, module_command::create, state.launch.spec);
  state.context.engine->create(state.launch, itself(self));
}

} // namespace

void bring(self_pointer self, module_launch launch, bool way_back) {
  auto& state = self->state;
  state.coming = {std::move(launch), stage::identity, way_back};
  ++state.retry;
  ask_host(self);
  tell_agent(self);
}

void host_ready(self_pointer self, const module_prepared& message) {
  auto& state = self->state;
  if (!state.coming || state.coming->at != stage::identity)
    return;
  auto& launch = state.coming->launch;
  // Not counted: an identity comes with the connection to the parent.
  if (!message.problem.empty())
    return hold(self, message.problem, state.context.wait.unit);
  auto env = deployment::module_environment(launch.spec, message.surroundings);
  auto made = make_launch(std::move(launch.spec), std::move(env));
  made.credential = std::move(launch.credential);
  made.memo = std::move(launch.memo);
  launch = std::move(made);
  const auto there = state.now != phase::absent && state.now != phase::removing;
  if (there && !state.dead && launch.hash == state.launch.hash)
    return keep(self);
  state.coming->at = stage::fetching;
  auto wanted = launch;
  // The way back should not need the network: it is there as a rule.
  if (state.coming->way_back && state.retries.failures == 0)
    wanted.spec.pull = false;
  begin_command(self, module_command::prepare_update, wanted.spec);
  state.context.engine->prepare(std::move(wanted), itself(self));
}

void fetched(self_pointer self, const engine_done& message) {
  auto& coming = self->state.coming;
  if (!coming || coming->at != stage::fetching
      || coming->launch.hash != message.prepared)
    return;
  end_command(self, module_command::prepare_update);
  if (!message.problem.empty())
    return hold_failed(self, message.problem);
  coming->at = stage::ready;
  replace(self);
}

void try_again(self_pointer self) {
  ++self->state.retry;
  ask_host(self);
  tell_agent(self);
}

bool replace(self_pointer self) {
  auto& state = self->state;
  if (!state.coming || state.coming->at != stage::ready)
    return false;
  switch (state.now) {
  case phase::absent:
    create(self);
    break;
  case phase::down:
  case phase::waiting:
    remove(self, next::replace);
    break;
  case phase::starting:
  case phase::up:
    stop(self, next::replace);
    break;
  case phase::stopping:
    if (state.then != next::quit && state.then != next::remove)
      state.then = next::replace;
    break;
  default:
    break; // the phase ends by coming back here
  }
  return true;
}

void cleared(self_pointer self, const std::string& problem) {
  auto& state = self->state;
  if (problem.empty()) {
    state.now = phase::absent;
    replace(self);
    return;
  }
  state.now = phase::down;
  state.dead = true;
  show(self, runtime_status::dead, problem);
  if (state.coming && state.coming->at == stage::ready)
    hold_failed(self, problem);
}

void created(self_pointer self, const std::string& problem) {
  auto& state = self->state;
  end_command(self, module_command::create);
  if (!problem.empty()) {
    state.now = phase::absent;
    if (state.coming) { // a newer wish
      replace(self);
      return;
    }
    state.coming = {state.launch, stage::ready, state.status.restarts.proven};
    return hold_failed(self, problem);
  }
  state.now = phase::down;
  state.retries.clear();
  state.obeyed = state.status.wanted_running;
  if (state.status.restarts.proven)
    remember(self);
  begin_trial(self);
  if (replace(self))
    return;
  if (state.obeyed)
    return start(self);
  show(self, runtime_status::stopped, {});
}

} // namespace tidegate::module_life
