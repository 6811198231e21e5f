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
    child.state = to_string(module.news.status.status);
    child.restarts = module.news.status.restarts.restarts;
    if (module.news.status.pid != 0)
      child.uptime
        = milliseconds{state.context.now() - module.news.status.last_start};
    child.last_cause = module.news.status.last_cause;
    if (module.news.status.description != child.last_cause)
      child.detail = module.news.status.description;
  }
  return node;
}

} // namespace tidegate
