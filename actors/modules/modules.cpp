#include "actors/modules/modules.hpp"

#include "actors/log.hpp"
#include "actors/modules/modules_tree.hpp"
#include "actors/supervision/lifecycle.hpp"
#include "messages/ec.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

/// The present group takes too long; go on without those that lag.
struct group_due {
  std::uint64_t group;
};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::group_due)

namespace tidegate {

namespace {

using self_pointer = caf::stateful_actor<modules_state>*;
using lifecycle::send_exit_now;

/// Past its own grace, how long a module may hold up those after it.
constexpr std::chrono::milliseconds group_slack{20'000};

void work(self_pointer self);

void spawn_module(self_pointer self, deployment::module_spec spec,
                  std::optional<module_record> found) {
  auto& state = self->state;
  auto& place = state.modules[spec.name];
  place.spec = spec;
  place.leaving = false;
  place.actor = self->spawn(module_actor, state.context, std::move(spec),
                            std::move(found), caf::actor{self});
  state.by_actor[place.actor.id()] = place.spec.name;
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

void leave(managed_module& module,
           std::optional<deployment::module_spec> successor) {
  module.successor = std::move(successor);
  if (!module.leaving)
    caf::anon_send(module.actor, remove_module{});
  module.leaving = true;
}

void take_step(self_pointer self, deployment_plan::step step) {
  using action = deployment_plan::action;
  auto& state = self->state;
  switch (step.what) {
  case action::add:
    return spawn_module(self, step.spec, claim(self, step.spec.name));
  case action::replace:
    return leave(state.modules.at(step.spec.name), step.spec);
  case action::keep: {
    auto& module = state.modules.at(step.spec.name);
    // Only the wanted status can differ.
    module.spec = step.spec;
    caf::anon_send(module.actor, want_module{step.spec.running});
  }
  }
}

/// Removes what no deployment wants: running modules, and what an earlier
/// gateway left.
void remove_unwanted(self_pointer self,
                     const std::vector<std::string>& removed) {
  auto& state = self->state;
  for (const auto& name : removed)
    if (const auto known = state.modules.find(name);
        known != state.modules.end()) {
      leave(known->second, std::nullopt);
      state.unsettled.insert(name);
    } else {
      state.survivors.erase(name);
      state.context.engine->remove(name, {});
      state.context.host->release(name);
    }
}

/// A module is there once an actor keeps it. One that an earlier gateway left
/// is added: its actor adopts it, or replaces it when it is outdated.
deployment_plan make_plan(const modules_state& state) {
  std::map<std::string, std::string> present;
  for (const auto& [name, module] : state.modules)
    present[name] = module.successor ? module.successor->hash
                    : module.leaving ? std::string{}
                                     : module.spec.hash;
  auto plan = plan_deployment(*state.working->manifest, present);
  const auto& wanted = state.working->manifest->modules;
  for (const auto& [name, record] : state.survivors)
    if (std::none_of(wanted.begin(), wanted.end(),
                     [&](const auto& spec) { return spec.name == name; }))
      plan.removed.push_back(name);
  return plan;
}

void begin_order(self_pointer self) {
  auto& state = self->state;
  state.working = std::exchange(state.waiting, std::nullopt);
  auto plan = make_plan(state);
  state.groups.assign(std::make_move_iterator(plan.groups.begin()),
                      std::make_move_iterator(plan.groups.end()));
  remove_unwanted(self, plan.removed);
}

void begin_group(self_pointer self) {
  auto& state = self->state;
  const auto steps = std::move(state.groups.front());
  state.groups.pop_front();
  for (const auto& step : steps)
    state.unsettled.insert(step.spec.name);
  for (const auto& step : steps)
    take_step(self, step);
}

/// Goes on with the order in hand, or with the next one.
void work(self_pointer self) {
  auto& state = self->state;
  while (state.unsettled.empty() && state.listed && !state.stopping) {
    if (state.working && state.groups.empty()) {
      state.working->promise.deliver(manifest_applied{});
      state.working.reset();
    }
    if (state.working)
      begin_group(self);
    else if (state.waiting)
      begin_order(self);
    else
      return;
    self->delayed_send(self, state.context.stop_grace + group_slack,
                       group_due{++state.group});
  }
}

void give_up_group(self_pointer self, group_due due) {
  auto& state = self->state;
  if (due.group != state.group || state.unsettled.empty())
    return;
  log::warning("modules", "modules take long to settle; going on",
               {{"first", *state.unsettled.begin()}});
  state.unsettled.clear();
  work(self);
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
  spawn_module(self, known->second.spec,
               message.modules.empty()
                 ? std::nullopt
                 : std::optional{message.modules.front()});
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
  if (known == state.modules.end() || known->second.leaving)
    return;
  known->second.status = message.status;
  if (message.settled)
    settled(self, message.status.name);
}

caf::result<module_status> restart(self_pointer self, const std::string& name) {
  const auto known = self->state.modules.find(name);
  if (known == self->state.modules.end())
    return caf::make_error(ec::not_found, "there is no module called " + name);
  const auto& module = known->second;
  if (!module.spec.running)
    return caf::make_error(ec::refused, name + " is stopped by its deployment");
  caf::anon_send(module.actor, restart_now{});
  return module.status;
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
    state.waiting = {std::move(first), {}};
  self->set_down_handler(
    [self](const caf::down_msg& message) { module_gone(self, message); });
  self->set_exit_handler([self](const caf::exit_msg&) { stop_all(self); });
  state.context.engine->list(caf::actor{self});
  return {
    [self](const apply_manifest& order) {
      auto& waiting = self->state.waiting;
      if (waiting)
        waiting->promise.deliver(manifest_applied{});
      const auto promise = self->make_response_promise<manifest_applied>();
      waiting = {order.manifest, promise};
      work(self);
      return promise;
    },
    [self](const engine_modules& message) {
      message.inspected.empty() ? listed(self, message)
                                : inspected(self, message);
    },
    [](const engine_done&) {},
    [self](const module_changed& message) { changed(self, message); },
    [self](group_due due) { give_up_group(self, due); },
    [self](get_modules) {
      std::vector<module_status> all;
      for (const auto& [name, module] : self->state.modules)
        all.push_back(module.status);
      return all;
    },
    [self](const restart_module& wish) { return restart(self, wish.name); },
    [self](get_tree) { return describe_modules(self); },
    [](check_health) { return health{}; },
  };
}

} // namespace tidegate
