#include "actors/log.hpp"
#include "actors/modules/module_life.hpp"
#include "actors/modules/trial.hpp"

namespace tidegate::module_life {

namespace {

using phase = module_state::phase;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::string label(const deployment::module_spec& spec) {
  return spec.version.empty() ? spec.image : "version " + spec.version;
}

std::optional<milliseconds> grace(const module_state& state) {
  return trial_grace(state.launch.spec, state.context.rollback_grace);
}

trial_view view_of(self_pointer self) {
  const auto& state = self->state;
  trial_view view;
  view.up = state.now == phase::up;
  if (state.history.up_since)
    view.up_for = duration_cast<milliseconds>(self->clock().now()
                                              - *state.history.up_since);
  view.healthy = state.healthy;
  view.finished
    = state.now == phase::down && state.last_cause.kind == exit_kind::finished;
  return view;
}

void prove(self_pointer self) {
  self->state.status.restarts.proven = true;
  remember(self);
}

void roll_back(self_pointer self, const std::string& problem) {
  auto& state = self->state;
  auto why = label(state.launch.spec) + " did not become healthy: " + problem;
  if (!state.status.last_cause.empty())
    why += " (" + state.status.last_cause + ")";
  log::error(
    "modules", "a module is rolled back",
    {{"module", name_of(self)}, {"to", label(*state.good)}, {"why", why}});
  if (state.context.meters)
    state.context.meters
      ->counter("tidegate_module_rollbacks_total",
                "Changed modules that made place for the last good one again.",
                {{"module", name_of(self)}})
      .Increment();
  ++state.trial;
  state.rejected = {state.launch.spec.hash, std::move(why)};
  state.retries.clear();
  auto good = *state.good;
  good.running = state.status.wanted_running;
  bring(self, {std::move(good), {}, {}, {}, {}}, true);
}

/// There is something to go back to, and nothing on its way already.
bool can_go_back(const module_state& state) {
  return state.good && !state.status.restarts.proven && !state.coming
         && grace(state);
}

} // namespace

std::string rollback_note(const module_state& state) {
  if (!state.rejected)
    return {};
  return "rolled back to " + label(state.launch.spec) + ": "
         + state.rejected->why;
}

void begin_trial(self_pointer self) {
  auto& state = self->state;
  const auto time = grace(state);
  ++state.trial;
  if (time && !state.status.restarts.proven)
    self->delayed_send(self, *time, trial_due{state.trial});
}

void end_trial(self_pointer self, trial_due due) {
  const auto& state = self->state;
  const auto time = grace(state);
  if (due.trial != state.trial || !time)
    return;
  // Nobody can tell while it is not meant to run, or on its way out.
  if (!state.status.wanted_running || state.coming)
    return begin_trial(self);
  const auto problem = trial_problem(state.launch.spec, view_of(self), *time);
  if (problem.empty())
    prove(self);
  else if (can_go_back(state))
    roll_back(self, problem);
  else
    begin_trial(self);
}

bool fail_trial(self_pointer self) {
  if (!can_go_back(self->state))
    return false;
  roll_back(self, "it failed");
  return true;
}

} // namespace tidegate::module_life
