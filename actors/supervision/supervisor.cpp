#include "actors/supervision/supervisor.hpp"

#include "actors/supervision/lifecycle.hpp"
#include "actors/supervision/tree_collector.hpp"
#include "messages/ec.hpp"

#include <caf/sec.hpp>
#include <caf/send.hpp>

namespace tidegate {

namespace {

using namespace lifecycle;
using condition = supervised_child::condition;

/// The child with this number, up, and still the one meant.
supervised_child* find_running(self_pointer self, child_id id,
                               std::uint64_t incarnation) {
  const auto found = self->state.children.find(id);
  if (found == self->state.children.end()
      || found->second.incarnation != incarnation || !found->second.handle)
    return nullptr;
  return &found->second;
}

/// The number of the child of that name; 0 when there is none.
child_id find_name(self_pointer self, const std::string& name) {
  for (const auto& [id, child] : self->state.children)
    if (child.spec.name == name)
      return id;
  return 0;
}

void judge(self_pointer self, probe_due asked, const health& answer) {
  auto* child = find_running(self, asked.id, asked.incarnation);
  if (!child || child->now == condition::stopping)
    return;
  child->misses = answer.ok ? 0 : child->misses + 1;
  if (answer.ok)
    child->now = condition::running;
  else if (child->misses >= child->spec.probe->misses) {
    child->now = condition::unhealthy;
    if (covers(child->spec.policy.when, exit_kind::unhealthy))
      return replace_stuck(self, asked.id,
                           {exit_kind::unhealthy, 0, answer.detail});
  }
  self->delayed_send(self, child->spec.probe->interval, asked);
}

void probe(self_pointer self, probe_due due) {
  const auto* child = find_running(self, due.id, due.incarnation);
  if (!child || child->now == condition::stopping)
    return;
  self->request(child->handle, child->spec.probe->timeout, check_health{})
    .then(
      [self, due](const health& answer) { judge(self, due, answer); },
      [self, due](const caf::error& why) {
        // An actor that refuses the question still reads its mailbox.
        const auto late = why == caf::sec::request_timeout;
        judge(self, due, {!late, late ? "no answer to the health probe" : ""});
      });
}

void down(self_pointer self, const caf::down_msg& message) {
  auto& state = self->state;
  const auto actor = message.source.id();
  if (state.watched.erase(actor) > 0) {
    if (state.stopping && state.watched.empty())
      stop_next(self);
    return;
  }
  const auto found = state.by_actor.find(actor);
  if (found == state.by_actor.end())
    return;
  const auto id = found->second;
  state.by_actor.erase(found);
  ended(self, id, classify(message.reason));
}

void give_up_on_watched(self_pointer self) {
  auto& left = self->state.watched;
  if (left.empty())
    return;
  for (const auto& [id, child] : left)
    send_exit_now(child.handle, caf::exit_reason::kill);
  left.clear();
  stop_next(self);
}

void watch(self_pointer self, const watch_child& wish) {
  if (self->state.stopping)
    return send_exit_now(wish.handle, caf::exit_reason::user_shutdown);
  const auto is_new
    = self->state.watched
        .try_emplace(wish.handle.id(),
                     watched_child{wish.name, wish.handle, self->clock().now()})
        .second;
  if (is_new)
    self->monitor(wish.handle);
}

caf::result<child_handle> add(self_pointer self, child_spec spec) {
  auto& state = self->state;
  if (state.stopping)
    return caf::make_error(ec::unavailable, "the supervisor is stopping");
  if (find_name(self, spec.name) != 0)
    return caf::make_error(ec::bad_argument,
                           "there is a child called " + spec.name);
  const auto id = ++state.last_id;
  state.children[id].spec = std::move(spec);
  state.children[id].dynamic = true;
  start(self, id);
  const auto added = state.children.find(id);
  if (added == state.children.end() || !added->second.handle)
    return caf::make_error(ec::unavailable, "the child did not start");
  return child_handle{added->second.handle};
}

caf::result<child_handle> running_child(self_pointer self,
                                        const std::string& name) {
  const auto id = find_name(self, name);
  if (id == 0)
    return caf::make_error(ec::not_found, "there is no child called " + name);
  const auto& child = self->state.children.at(id);
  if (!child.handle || child.now == condition::stopping || self->state.stopping)
    return caf::make_error(ec::unavailable, name + " is down");
  return child_handle{child.handle};
}

caf::result<child_handle> restart(self_pointer self, const std::string& name) {
  const auto id = find_name(self, name);
  if (id == 0 || self->state.stopping)
    return running_child(self, name);
  auto& child = self->state.children.at(id);
  const child_handle old{child.handle};
  if (child.handle) {
    child.restart_wanted = true;
    ask_to_stop(self, id);
  } else
    start(self, id);
  return old;
}

caf::result<child_handle> stop(self_pointer self, const std::string& name) {
  const auto id = find_name(self, name);
  if (id == 0 || self->state.stopping)
    return running_child(self, name);
  auto& child = self->state.children.at(id);
  const child_handle old{child.handle};
  child.restart_wanted = false;
  if (child.handle)
    ask_to_stop(self, id);
  else
    settle(self, id, condition::down);
  return old;
}

} // namespace

supervisor_state::~supervisor_state() {
  for (const auto& [id, child] : watched)
    send_exit_now(child.handle, caf::exit_reason::user_shutdown);
  for (auto i = children.rbegin(); i != children.rend(); ++i)
    if (i->second.handle)
      send_exit_now(i->second.handle, caf::exit_reason::user_shutdown);
}

std::size_t mailbox_size(caf::scheduled_actor& actor) {
  actor.mailbox().fetch_more();
  return actor.mailbox().size();
}

caf::behavior supervisor(self_pointer self, supervisor_options options,
                         std::vector<child_spec> children) {
  auto& state = self->state;
  state.options = std::move(options);
  state.up_since = self->clock().now();
  self->set_down_handler(
    [self](const caf::down_msg& message) { down(self, message); });
  self->set_exit_handler(
    [self](const caf::exit_msg& message) { begin_stop(self, message.reason); });
  for (auto& spec : children)
    state.children[++state.last_id].spec = std::move(spec);
  for (child_id id = 1; id <= children.size() && !state.stopping; ++id)
    start(self, id);
  return {
    [self](const restart_due& due) {
      const auto found = self->state.children.find(due.id);
      if (found != self->state.children.end()
          && found->second.incarnation == due.incarnation
          && found->second.now == condition::waiting && !self->state.stopping)
        start(self, due.id);
    },
    [self](const probe_due& due) { probe(self, due); },
    [self](const stop_due& due) {
      if (find_running(self, due.id, due.incarnation))
        replace_stuck(self, due.id,
                      {exit_kind::killed, 0, "it did not stop in time"});
    },
    [self](watched_stop_due) { give_up_on_watched(self); },
    [self](start_child& wish) { return add(self, std::move(wish.spec)); },
    [self](const watch_child& wish) { watch(self, wish); },
    [self](const get_child& wish) { return running_child(self, wish.name); },
    [self](const restart_child& wish) { return restart(self, wish.name); },
    [self](const stop_child& wish) { return stop(self, wish.name); },
    [self](get_tree asked) { return collect_tree(self, asked); },
    [](check_health) { return health{}; },
  };
}

} // namespace tidegate
