#include "actors/modules/modules_tree.hpp"

#include "actors/supervision/supervisor.hpp"

namespace tidegate {

actor_node describe_modules(caf::stateful_actor<modules_state>* self) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto& state = self->state;
  actor_node node;
  node.name = modules_state::name;
  node.mailbox = mailbox_size(*self);
  node.uptime
    = duration_cast<milliseconds>(self->clock().now() - state.up_since);
  for (const auto& [name, module] : state.modules) {
    auto& child = node.children.emplace_back();
    child.name = name;
    child.state = to_string(module.status.status);
    child.restarts = module.status.restarts.restarts;
    if (module.status.pid != 0)
      child.uptime
        = milliseconds{state.context.now() - module.status.last_start};
    child.last_cause = module.status.last_cause;
    if (module.status.description != child.last_cause)
      child.detail = module.status.description;
  }
  return node;
}

} // namespace tidegate
