#include "actors/uplink/uplink.hpp"

#include "actors/log.hpp"
#include "messages/error_text.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace tidegate {

namespace {

using self_pointer = uplink_actor::stateful_pointer<uplink_state>;

double random_part() {
  thread_local std::minstd_rand source{std::random_device{}()};
  return std::uniform_real_distribution<>{0, 1}(source);
}

// Every instrument, by name; asked for rarely.
prometheus::Gauge& connected_gauge(const uplink_state& state) {
  return state.parent.meters->gauge("tidegate_uplink_connected",
                                    "1 while the parent can be reached.");
}

prometheus::Gauge& unacknowledged_gauge(const uplink_state& state) {
  return state.parent.meters->gauge(
    "tidegate_uplink_unacknowledged",
    "Messages given to the uplink that the parent has not answered.");
}

prometheus::Gauge& paused_gauge(const uplink_state& state) {
  return state.parent.meters->gauge(
    "tidegate_uplink_paused", "1 while an operator keeps the uplink closed.");
}

void count_reconnect(const uplink_state& state) {
  state.parent.meters
    ->counter("tidegate_uplink_reconnects_total",
              "Connections to the parent that ended, and failed attempts.")
    .Increment();
}

void count_offline(const uplink_state& state) {
  state.parent.meters
    ->counter("edgehub_offline_count_total",
              "How often the parent was out of reach.",
              {{"id", state.parent.device}, {"ms_telemetry", "True"}})
    .Increment();
}

void observe_offline(self_pointer self) {
  const auto& state = self->state;
  state.parent.meters
    ->summary("edgehub_offline_duration_seconds",
              "How long the parent was out of reach.",
              {{"id", state.parent.device}, {"ms_telemetry", "True"}})
    .Observe(state.reach.offline(self->clock().now()).count());
}

void count_retry(const uplink_state& state) {
  state.parent.meters
    ->counter("edgehub_operation_retry_total", "Operations tried again.",
              {{"id", state.parent.device + "/$edgeHub"},
               {"operation", "connect"},
               {"ms_telemetry", "True"}})
    .Increment();
}

void tell_watchers(self_pointer self, bool reachable) {
  for (const auto& watcher : self->state.watchers)
    caf::anon_send(watcher, uplink_changed{reachable});
}

void note(self_pointer self, connectivity::change change) {
  auto& state = self->state;
  connected_gauge(state).Set(
    state.reach.is() == connectivity::state::connected ? 1 : 0);
  switch (change) {
  case connectivity::change::regained:
    observe_offline(self);
    return tell_watchers(self, true);
  case connectivity::change::lost:
    count_offline(state);
    return tell_watchers(self, false);
  case connectivity::change::none:
    return;
  }
}

void start_session(self_pointer self) {
  auto& state = self->state;
  state.was_reached = false;
  state.session = state.parent.start(
    self->system(), caf::actor_cast<caf::actor>(self), state.poison.order());
  self->monitor(state.session);
}

void reached(self_pointer self, const caf::actor& session) {
  auto& state = self->state;
  if (session != state.session)
    return;
  state.was_reached = true;
  state.reached_at = self->clock().now();
  log::info("uplink", "connected", {{"parent", state.parent.name}});
  note(self, state.reach.succeeded(state.reached_at));
}

void forget_session(uplink_state& state) {
  state.session = nullptr;
  state.unacknowledged = 0;
  unacknowledged_gauge(state).Set(0);
}

/// The session ended: try again, at once when it had been a good one.
void session_ended(self_pointer self, const std::string& why) {
  auto& state = self->state;
  const auto now = self->clock().now();
  const auto& policy = state.parent.reconnect;
  forget_session(state);
  const bool was_good
    = state.was_reached && now - state.reached_at >= policy.stable;
  state.failures = was_good ? 0 : state.failures + 1;
  state.last_failure = why;
  const auto delay = reconnect_delay(policy, state.failures, random_part());
  log::warning("uplink",
               state.was_reached ? "the connection to the parent ended"
                                 : "the parent cannot be reached",
               {{"parent", state.parent.name},
                {"reason", state.last_failure},
                {"next_attempt_ms", std::to_string(delay.count())}});
  count_reconnect(state);
  count_retry(state);
  note(self, state.reach.failed(now));
  self->delayed_send(self, delay, reconnect_due{});
}

/// The session at hand is let go of: whatever it still says is ignored.
void drop_session(self_pointer self) {
  auto& state = self->state;
  if (!state.session)
    return;
  self->demonitor(state.session.address());
  caf::anon_send_exit(state.session, caf::exit_reason::user_shutdown);
}

/// A question that was asked at `asked` had no answer in time, or one that says
/// as much (edge-hub spec 6.4): the parent is tested, and left when it does not
/// answer that either. Questions from before the test say nothing new.
void call_timed_out(self_pointer self, connectivity::clock::time_point asked) {
  auto& state = self->state;
  const auto now = self->clock().now();
  if (state.reach.is() == connectivity::state::connected) {
    state.tested_at = now;
    log::info("uplink", "the parent did not answer a question; it is tested",
              {{"parent", state.parent.name}});
    note(self, state.reach.failed(now));
    return caf::anon_send(state.session, test_parent{});
  }
  if (asked < state.tested_at)
    return;
  drop_session(self);
  session_ended(self, "the parent does not answer");
}

void take_progress(self_pointer self, const parent_progress& news) {
  auto& state = self->state;
  if (!state.session || news.session != state.session)
    return;
  state.unacknowledged = news.unacknowledged;
  unacknowledged_gauge(state).Set(static_cast<double>(news.unacknowledged));
  if (!state.was_reached)
    return;
  if (news.failed_over)
    call_timed_out(self, self->clock().now());
  else if (news.answered)
    note(self, state.reach.succeeded(self->clock().now()));
  else if (news.silent)
    call_timed_out(self, *news.silent);
}

void take_end(self_pointer self, const session_left& news) {
  auto& state = self->state;
  if (news.session != state.session)
    return;
  state.poison.ended(news.how);
  if (const auto order = state.poison.order(); order && !order->give_up)
    log::warning("uplink",
                 "connections to the parent end over one message; it is sent "
                 "alone",
                 {{"parent", state.parent.name},
                  {"lane", std::to_string(
                             static_cast<std::uint32_t>(order->suspect.lane))},
                  {"offset", std::to_string(order->suspect.offset)},
                  {"bytes", std::to_string(order->suspect.size)}});
}

void take_verdict(self_pointer self, const trial_over& news) {
  auto& state = self->state;
  if (news.session != state.session)
    return;
  state.poison.settled(news.given_up);
  if (news.given_up)
    state.failures = 0; // they were the message's
}

uplink_status status_of(const uplink_state& state) {
  return {state.parent.name,  state.reach.is(),     state.failures,
          state.last_failure, state.unacknowledged, state.paused};
}

void pause(self_pointer self) {
  auto& state = self->state;
  if (std::exchange(state.paused, true))
    return;
  log::info("uplink", "paused by the operator",
            {{"parent", state.parent.name}});
  paused_gauge(state).Set(1);
  state.last_failure = "paused by the operator";
  drop_session(self);
  forget_session(state);
  // It is known that the parent is out of reach; nothing has to be tried.
  while (state.reach.is() != connectivity::state::disconnected)
    note(self, state.reach.failed(self->clock().now()));
}

void resume(self_pointer self) {
  auto& state = self->state;
  if (!std::exchange(state.paused, false))
    return;
  log::info("uplink", "resumed by the operator",
            {{"parent", state.parent.name}});
  paused_gauge(state).Set(0);
  state.failures = 0;
  start_session(self);
}

} // namespace

uplink_state::~uplink_state() {
  if (session)
    caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
}

uplink_actor::behavior_type uplink(self_pointer self, uplink_parent parent) {
  auto& state = self->state;
  state.parent = std::move(parent);
  state.reach = connectivity{self->clock().now()};
  connected_gauge(state).Set(0);
  unacknowledged_gauge(state).Set(0);
  paused_gauge(state).Set(0);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& s = self->state;
    if (s.session && down.source == s.session.address())
      return session_ended(self, error_text(down.reason));
    std::erase_if(s.watchers, [&](const caf::actor& watcher) {
      return watcher.address() == down.source;
    });
  });
  start_session(self);
  return {
    [self](const watch_uplink& wish) {
      self->monitor(wish.watcher);
      self->state.watchers.push_back(wish.watcher);
      caf::anon_send(wish.watcher,
                     uplink_changed{self->state.reach.is()
                                    != connectivity::state::disconnected});
    },
    [self](const parent_reached& news) { reached(self, news.session); },
    [self](const parent_progress& news) { take_progress(self, news); },
    [self](const session_left& news) { take_end(self, news); },
    [self](const trial_over& news) { take_verdict(self, news); },
    [self](reconnect_due) {
      if (!self->state.session && !self->state.paused)
        start_session(self);
    },
    [self](get_uplink_status) { return status_of(self->state); },
    [self](pause_uplink) {
      pause(self);
      return status_of(self->state);
    },
    [self](resume_uplink) {
      resume(self);
      return status_of(self->state);
    },
  };
}

} // namespace tidegate
