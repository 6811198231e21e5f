#include "actors/modules/modules.hpp"

#include "actors/log.hpp"
#include "actors/modules/modules_tree.hpp"
#include "actors/supervision/lifecycle.hpp"
#include "messages/ec.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

/// The present stage takes too long; go on without those that lag.
struct stage_due {
  std::uint64_t stage;
};
/// What an earlier gateway left could not be removed.
struct remove_due {
  std::string name;
};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::stage_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::remove_due)

namespace tidegate {

namespace {

using self_pointer = caf::stateful_actor<modules_state>*;
using lifecycle::send_exit_now;

/// Past its own grace, how long a module may hold up those after it.
constexpr std::chrono::milliseconds stage_slack{20'000};
/// And when it fetches what it needs (edge-agent spec 3.1).
constexpr std::chrono::minutes longest_fetch{10};
/// Until what could not be removed is tried again.
constexpr std::chrono::seconds removal_pause{20};

void work(self_pointer self);

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

/// Takes a record of an earlier gateway, if there is one of that name.
std::optional<module_record> claim(self_pointer self, const std::string& name) {
  const auto found = self->state.survivors.extract(name);
  if (found.empty())
    return std::nullopt;
  return found.mapped();
}

void settled(self_pointer self, const std::string& name) {
  if (self->state.unsettled.erase(name) > 0 && self->state.unsettled.empty())
    work(self);
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

void put_order(modules_state& state, apply_manifest wish) {
  state.waiting = std::make_unique<modules_state::order>();
  state.waiting->wish = std::move(wish);
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

/// Goes on with the order in hand, or with the next one.
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

void listed(self_pointer self, const engine_modules& message) {
  auto& state = self->state;
  if (state.listed)
    return;
  state.listed = true;
  for (const auto& record : message.modules)
    state.survivors.emplace(record.name, record);
  work(self);
}

/// A module's actor has crashed, and this is what it left.
void inspected(self_pointer self, const engine_modules& message) {
  auto& state = self->state;
  const auto known = state.modules.find(message.inspected);
  if (state.stopping || known == state.modules.end() || known->second.actor)
    return;
  spawn_module(self, {known->second.spec, known->second.credential, false},
               message.modules.empty()
                 ? std::nullopt
                 : std::optional{message.modules.front()});
}

/// Something that an earlier gateway left, and nobody wants.
void remove_stray(self_pointer self, const std::string& name) {
  auto& state = self->state;
  if (!state.modules.contains(name))
    state.context.engine->remove(name, caf::actor{self});
}

void removed(self_pointer self, const engine_done& message) {
  if (message.problem.empty())
    return;
  log::warning("modules", "an old module cannot be removed",
               {{"module", message.name}, {"why", message.problem}});
  self->delayed_send(self, removal_pause, remove_due{message.name});
}

void module_gone(self_pointer self, const caf::down_msg& message) {
  auto& state = self->state;
  const auto name = state.by_actor.extract(message.source.id());
  if (name.empty())
    return;
  auto& module = state.modules.at(name.mapped());
  module.actor = nullptr;
  if (state.stopping) {
    if (state.by_actor.empty())
      self->quit(caf::exit_reason::user_shutdown);
    return;
  }
  if (module.leaving) {
    if (const auto successor = std::exchange(module.successor, std::nullopt))
      return spawn_module(self, *successor, std::nullopt);
    state.modules.erase(name.mapped());
    return settled(self, name.mapped());
  }
  log::error("modules", "the actor of a module ended and is started again",
             {{"module", name.mapped()},
              {"cause", to_string(classify(message.reason))}});
  state.context.engine->inspect(name.mapped(), caf::actor{self});
}

void changed(self_pointer self, const module_changed& message) {
  auto& state = self->state;
  const auto known = state.modules.find(message.status.name);
  if (known == state.modules.end())
    return;
  known->second.news = message;
  // One that leaves is through when it is gone, or cannot go.
  if (message.settled && (!known->second.leaving || !message.problem.empty()))
    settled(self, message.status.name);
}

/// Passes an operator's wish on to the module.
template <class Wish>
caf::result<module_status> operate(self_pointer self, const std::string& name,
                                   Wish wish) {
  const auto known = self->state.modules.find(name);
  if (known == self->state.modules.end())
    return caf::make_error(ec::not_found, "there is no module called " + name);
  const auto& module = known->second;
  if (!module.spec.running)
    return caf::make_error(ec::refused, name + " is stopped by its deployment");
  caf::anon_send(module.actor, wish);
  return module.news.status;
}

void stop_all(self_pointer self) {
  auto& state = self->state;
  state.stopping = true;
  if (state.by_actor.empty())
    return self->quit(caf::exit_reason::user_shutdown);
  for (const auto& [name, module] : state.modules)
    if (module.actor)
      send_exit_now(module.actor, caf::exit_reason::user_shutdown);
}

} // namespace

modules_state::~modules_state() {
  // Killed, not asked to end: that would stop what they keep.
  for (const auto& [module_name, module] : modules)
    if (module.actor)
      send_exit_now(module.actor, caf::exit_reason::kill);
}

caf::behavior modules(self_pointer self, module_context context,
                      std::shared_ptr<const deployment::manifest> first) {
  auto& state = self->state;
  state.context = std::move(context);
  state.up_since = self->clock().now();
  if (first)
    put_order(state, {std::move(first), {}});
  self->set_down_handler(
    [self](const caf::down_msg& message) { module_gone(self, message); });
  self->set_exit_handler([self](const caf::exit_msg&) { stop_all(self); });
  state.context.engine->list(caf::actor{self});
  return {
    [self](const apply_manifest& wish) { return accept(self, wish); },
    [self](const engine_modules& message) {
      message.inspected.empty() ? listed(self, message)
                                : inspected(self, message);
    },
    [self](const engine_done& message) { removed(self, message); },
    [self](remove_due due) { remove_stray(self, due.name); },
    [self](const module_changed& message) { changed(self, message); },
    [self](stage_due due) { check_stage(self, due); },
    [self](get_modules) {
      std::vector<module_status> all;
      for (const auto& [name, module] : self->state.modules)
        all.push_back(module.news.status);
      return all;
    },
    [self](const restart_module& wish) {
      return operate(self, wish.name, restart_now{});
    },
    [self](const start_module& wish) {
      return operate(self, wish.name, start_now{});
    },
    [self](const stop_module& wish) {
      return operate(self, wish.name, stop_now{});
    },
    [self](get_tree) { return describe_modules(self); },
    [](check_health) { return health{}; },
  };
}

} // namespace tidegate
