#include "actors/modules/modules_order.hpp"

#include "actors/log.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate::modules_order {

namespace {

/// Past its own grace, how long a module may hold up those after it.
constexpr std::chrono::milliseconds stage_slack{20'000};
/// And when it fetches what it needs (edge-agent spec 3.1).
constexpr std::chrono::minutes longest_fetch{10};

/// Takes a record of an earlier gateway, if there is one of that name.
std::optional<module_record> claim(self_pointer self, const std::string& name) {
  const auto found = self->state.survivors.extract(name);
  if (found.empty())
    return std::nullopt;
  return found.mapped();
}

void leave(managed_module& module) {
  if (!module.leaving)
    caf::anon_send(module.actor, remove_module{});
  module.leaving = true;
  module.successor.reset();
}

/// True when the order in hand is another deployment than the one before.
bool is_fresh(const modules_state& state) {
  const auto& version = state.working->wish.version;
  return !version || version != state.last_version;
}

void take_step(self_pointer self, const deployment_plan::step& step) {
  auto& state = self->state;
  const auto& name = step.spec.name;
  want_module wish{step.spec, {}, is_fresh(state)};
  if (const auto* credential = credential_for(
        wish.spec.image, state.working->wish.manifest->registries))
    wish.credential = *credential;
  const auto known = state.modules.find(name);
  if (known == state.modules.end())
    return spawn_module(self, std::move(wish), claim(self, name));
  auto& module = known->second;
  if (module.leaving) {
    module.successor = std::move(wish);
    return;
  }
  module.spec = step.spec;
  module.credential = wish.credential;
  if (module.actor)
    caf::anon_send(module.actor, std::move(wish));
}

/// Removes what no deployment wants: running modules, and what an earlier
/// gateway left.
void remove_unwanted(self_pointer self,
                     const std::vector<std::string>& removed) {
  auto& state = self->state;
  for (const auto& name : removed)
    if (const auto known = state.modules.find(name);
        known != state.modules.end()) {
      leave(known->second);
      state.unsettled.insert(name);
    } else {
      state.survivors.erase(name);
      state.context.engine->remove(name, caf::actor{self});
      state.context.host->release(name);
    }
}

/// A module is there once an actor keeps it, or an earlier gateway left it.
deployment_plan make_plan(const modules_state& state) {
  std::map<std::string, present_module> present;
  for (const auto& [name, record] : state.survivors)
    present[name] = {{}, 0, record.dead};
  for (const auto& [name, module] : state.modules)
    present[name] = {module.leaving ? std::string{} : module.spec.hash,
                     module.spec.startup_order, false};
  return plan_deployment(*state.working->wish.manifest, present);
}

void begin_order(self_pointer self) {
  auto& state = self->state;
  state.working = std::move(state.waiting);
  state.laggards.clear();
  for (auto& group : make_plan(state).groups) {
    if (!group.removed.empty())
      state.stages.push_back({std::move(group.removed), {}});
    if (!group.steps.empty())
      state.stages.push_back({{}, std::move(group.steps)});
  }
}

void begin_stage(self_pointer self) {
  auto& state = self->state;
  const auto stage = std::move(state.stages.front());
  state.stages.pop_front();
  state.stage_began = self->clock().now();
  remove_unwanted(self, stage.removed);
  for (const auto& step : stage.steps)
    state.unsettled.insert(step.spec.name);
  for (const auto& step : stage.steps)
    take_step(self, step);
  self->delayed_send(self, state.context.stop_grace + stage_slack,
                     stage_due{++state.stage});
}

manifest_applied outcome(const modules_state& state) {
  manifest_applied result;
  for (const auto& [name, module] : state.modules) {
    if (!module.news.problem.empty())
      result.problems.push_back(name + ": " + module.news.problem);
    else if (state.laggards.contains(name))
      result.problems.push_back(name + ": is not ready yet");
    result.waiting = result.waiting || module.news.waiting;
  }
  return result;
}

void end_order(modules_state& state) {
  state.last_version = state.working->wish.version;
  state.working->promise.deliver(outcome(state));
  state.working.reset();
}

bool all_busy(const modules_state& state) {
  return std::all_of(
    state.unsettled.begin(), state.unsettled.end(), [&](const auto& name) {
      const auto known = state.modules.find(name);
      return known != state.modules.end() && known->second.news.busy;
    });
}

bool any_busy(const modules_state& state) {
  return std::any_of(
    state.unsettled.begin(), state.unsettled.end(), [&](const auto& name) {
      const auto known = state.modules.find(name);
      return known != state.modules.end() && known->second.news.busy;
    });
}

void give_up_stage(self_pointer self) {
  auto& state = self->state;
  log::warning("modules", "modules take long to settle; going on",
               {{"first", *state.unsettled.begin()}});
  state.laggards.merge(state.unsettled);
  state.unsettled.clear();
  work(self);
}

} // namespace

void spawn_module(self_pointer self, want_module wish,
                  std::optional<module_record> found) {
  auto& state = self->state;
  const auto name = wish.spec.name;
  auto& place = state.modules[name];
  place.spec = wish.spec;
  place.credential = wish.credential;
  place.news = {};
  place.news.status.name = name;
  place.leaving = false;
  place.actor = self->spawn(module_actor, state.context, std::move(wish),
                            std::move(found), caf::actor{self});
  state.by_actor[place.actor.id()] = name;
  self->monitor(place.actor);
}

void settled(self_pointer self, const std::string& name) {
  if (self->state.unsettled.erase(name) > 0 && self->state.unsettled.empty())
    work(self);
}

void put_order(modules_state& state, apply_manifest wish) {
  state.waiting = std::make_unique<modules_state::order>();
  state.waiting->wish = std::move(wish);
}

void work(self_pointer self) {
  auto& state = self->state;
  while (state.unsettled.empty() && state.listed && !state.stopping) {
    if (state.working && state.stages.empty())
      end_order(state);
    if (state.working)
      begin_stage(self);
    else if (state.waiting)
      begin_order(self);
    else
      return;
  }
}

void check_stage(self_pointer self, stage_due due) {
  auto& state = self->state;
  if (due.stage != state.stage || state.unsettled.empty())
    return;
  const auto taken = self->clock().now() - state.stage_began;
  if (any_busy(state) && taken < longest_fetch)
    return self->delayed_send(self, stage_slack, due);
  give_up_stage(self);
}

caf::result<manifest_applied> accept(self_pointer self,
                                     const apply_manifest& wish) {
  auto& state = self->state;
  if (state.waiting)
    state.waiting->promise.deliver(manifest_applied{});
  const auto promise = self->make_response_promise<manifest_applied>();
  put_order(state, wish);
  state.waiting->promise = promise;
  // The newer deployment may well be there to end a fetch that hangs.
  if (state.working && !state.unsettled.empty() && all_busy(state)) {
    state.stages.clear();
    give_up_stage(self);
  } else {
    work(self);
  }
  return promise;
}

} // namespace tidegate::modules_order
