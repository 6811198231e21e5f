#include "actors/supervision/tree_collector.hpp"

#include <algorithm>
#include <caf/sec.hpp>

namespace tidegate {

namespace {

using self_pointer = caf::stateful_actor<supervisor_state>*;
using condition = supervised_child::condition;

std::string state_of(const supervised_child& child) {
  switch (child.now) {
  case condition::running:
    return "running";
  case condition::unhealthy:
    return "unhealthy";
  case condition::waiting:
    return "backoff";
  case condition::stopping:
    return "stopping";
  case condition::failed:
    return "failed";
  case condition::down:
    break;
  }
  return child.last_cause.kind == exit_kind::finished ? "finished" : "stopped";
}

std::chrono::milliseconds since(restart_history::time then,
                                restart_history::time now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - then);
}

actor_node plain_node(const supervised_child& child,
                      restart_history::time now) {
  actor_node node;
  node.name = child.spec.name;
  node.state = state_of(child);
  node.restarts = child.history.restarts;
  if (child.handle && child.history.up_since)
    node.uptime = since(*child.history.up_since, now);
  if (child.ended_before)
    node.last_cause = to_string(child.last_cause);
  return node;
}

/// The answer of a child, in the place its supervisor has for it.
void fill_in(actor_node& place, actor_node answer) {
  place.mailbox = answer.mailbox;
  place.detail = std::move(answer.detail);
  place.children = std::move(answer.children);
}

/// A tree with places for the answers that are still to come.
struct pending_tree {
  actor_node node;
  std::size_t missing = 0;
  caf::typed_response_promise<actor_node> promise;

  void answered() {
    if (--missing == 0)
      promise.deliver(std::move(node));
  }
};

void add_watched(const supervisor_state& state, actor_node& node,
                 restart_history::time now) {
  for (const auto& [id, child] : state.watched) {
    if (node.children.size() - state.children.size() == most_watched_shown) {
      const auto more = state.watched.size() - most_watched_shown;
      node.detail = "and " + std::to_string(more) + " more";
      return;
    }
    actor_node shown;
    shown.name = child.name;
    shown.uptime = since(child.since, now);
    node.children.push_back(std::move(shown));
  }
}

} // namespace

caf::typed_response_promise<actor_node> collect_tree(self_pointer self,
                                                     get_tree asked) {
  const auto& state = self->state;
  const auto now = self->clock().now();
  auto tree = std::make_shared<pending_tree>();
  tree->promise = self->make_response_promise<actor_node>();
  tree->missing = 1;
  tree->node.name = state.options.name;
  tree->node.mailbox = mailbox_size(*self);
  tree->node.uptime = since(state.up_since, now);
  for (const auto& [id, child] : state.children)
    tree->node.children.push_back(plain_node(child, now));
  add_watched(state, tree->node, now);
  std::size_t place = 0;
  for (const auto& [id, child] : state.children) {
    const auto at = place++;
    if (!child.spec.answers_tree || !child.handle)
      continue;
    ++tree->missing;
    const auto within
      = std::max(asked.within * 3 / 4, std::chrono::milliseconds{1});
    self->request(child.handle, within, get_tree{within})
      .then(
        [tree, at](actor_node& answer) {
          fill_in(tree->node.children[at], std::move(answer));
          tree->answered();
        },
        [tree, at](const caf::error& why) {
          if (why == caf::sec::request_timeout)
            tree->node.children[at].state = "no answer";
          tree->answered();
        });
  }
  const auto promise = tree->promise;
  tree->answered();
  return promise;
}

} // namespace tidegate
