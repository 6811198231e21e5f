#include "actors/log.hpp"
#include "actors/twins/edge_twin_steps.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/twin/rules.hpp"

namespace tidegate::edge_twin_steps {

namespace {

using parts_ptr = std::shared_ptr<const std::vector<std::string>>;

/// The parent has taken everything that was pending when the push began, or,
/// if not, never will.
void push_done(self_pointer self, const identity_id& id, bool taken) {
  auto& state = self->state;
  auto left = std::exchange(state.flows[id].since_push, std::nullopt);
  auto one = state.group->get(id);
  if (!one)
    return; // removed meanwhile
  one->pending = std::move(*left);
  if (!taken)
    one->synced = {}; // what is cached is not what the parent has
  const auto more = !one->pending.empty();
  if (!more)
    state.owing.erase(id);
  keep(self, id, std::move(*one));
  if (more)
    wait_for_push(self, id);
}

void push_failed(self_pointer self, const identity_id& id,
                 const caf::error& error) {
  auto& state = self->state;
  if (error == ec::bad_argument) {
    log::error("twins",
               "the parent refuses reported properties; they are given up",
               {{"id", to_string(id)}, {"reason", error_text(error)}});
    return push_done(self, id, false);
  }
  log::info("twins", "reported properties wait for the parent",
            {{"id", to_string(id)}, {"reason", error_text(error)}});
  auto& flow = state.flows[id];
  flow.since_push.reset();
  flow.push_waits = true;
  self->delayed_send(self, state.context.options.retry_period, push_due{id});
}

/// Sends the parts one after the other: their order counts.
void push_part(self_pointer self, const identity_id& id, const parts_ptr& parts,
               std::size_t next, const job_end& end) {
  auto& state = self->state;
  if (next == parts->size()) {
    state.meters->reported(id, twin_side::upstream,
                           since(self, *state.flows[id].pushed_at));
    push_done(self, id, true);
    return end();
  }
  if (!state.upstream) {
    push_failed(self, id, ec::unavailable);
    return end();
  }
  self
    ->request(
      state.upstream, state.context.options.answer_timeout,
      push_reported{id, std::make_shared<const std::string>(parts->at(next))})
    .then(
      [self, id, parts, next, end](const properties_reported&) {
        push_part(self, id, parts, next + 1, end);
      },
      [self, id, end](const caf::error& error) {
        push_failed(self, id, error);
        end();
      });
}

} // namespace

void wait_for_push(self_pointer self, const identity_id& id) {
  auto& state = self->state;
  auto& flow = state.flows[id];
  if (!state.upstream || flow.since_push || flow.push_waits)
    return;
  flow.push_waits = true;
  const auto now = self->clock().now();
  const auto period = state.context.options.report_period;
  const auto due = flow.pushed_at ? *flow.pushed_at + period : now;
  if (due <= now)
    enqueue(self, task::push, id);
  else
    self->delayed_send(self, due - now, push_due{id});
}

void push(self_pointer self, const identity_id& id, const job_end& end) {
  auto& flow = self->state.flows[id];
  const auto one = known(self->state, id);
  flow.push_waits = false;
  if (flow.since_push || one.pending.empty())
    return end();
  flow.since_push.emplace();
  flow.pushed_at = self->clock().now();
  push_part(self, id,
            std::make_shared<const std::vector<std::string>>(
              one.pending.parts(twin::largest_patch)),
            0, end);
}

} // namespace tidegate::edge_twin_steps
