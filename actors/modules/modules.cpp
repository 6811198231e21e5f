#include "actors/modules/modules.hpp"

#include "actors/log.hpp"
#include "actors/modules/modules_order.hpp"
#include "actors/modules/modules_tree.hpp"
#include "actors/supervision/lifecycle.hpp"
#include "messages/ec.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

/// What an earlier gateway left could not be removed.
struct remove_due {
  std::string name;
};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::remove_due)

namespace tidegate {

namespace {

using namespace modules_order;
using lifecycle::send_exit_now;

/// Until what could not be removed is tried again.
constexpr std::chrono::seconds removal_pause{20};

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
