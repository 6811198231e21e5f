#include "actors/log.hpp"
#include "actors/twins/edge_twin_steps.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <caf/send.hpp>

namespace tidegate::edge_twin_steps {

namespace {

namespace json = boost::json;

/// Tells the client, once what it is told has been written.
void forward(self_pointer self, const identity_id& id, json::object patch) {
  self->state.group->when_safe(
    id, [self, id, patch = std::move(patch)](const caf::error& error) {
      if (error || patch.empty() || !wants_desired(self->state, id))
        return;
      caf::anon_send(self->state.clients.at(id).session,
                     desired_changed{id, twin::version_of(patch),
                                     std::make_shared<const std::string>(
                                       json::serialize(patch))});
    });
}

/// The client may have missed something: its twin stays marked as old.
void fetch_failed(self_pointer self, const identity_id& id,
                  const caf::error& error) {
  auto& state = self->state;
  auto& flow = state.flows[id];
  const auto ended = std::exchange(flow.fetch, std::nullopt);
  log::info("twins", "the parent was asked for a twin in vain",
            {{"id", to_string(id)}, {"reason", error_text(error)}});
  if (ended->tell_client || ended->newest > 0) {
    flow.synced_by = 0;
    auto one = known(state, id);
    if (one.synced.count() > 0) {
      one.synced = {};
      keep(self, id, std::move(one));
    }
    resync_later(self, state.context.options.retry_period);
  }
  for (const auto& then : ended->waiting)
    then(error);
}

void ask_for_twin(self_pointer self, const identity_id& id);

void take_twin(self_pointer self, const identity_id& id,
               twin::client_twin from_parent) {
  auto& state = self->state;
  auto& flow = state.flows[id];
  auto one = known(state, id);
  const auto before = one;
  // The node itself is told everything that is new to it.
  if (!one.cached && is_own(state, id))
    one.cached.emplace();
  auto difference
    = twin::take_full(one, std::move(from_parent), wall_now(state));
  const auto version = twin::version_of(one.cached->desired);
  // A write costs a sync; that a twin was read again is worth few of them.
  if (before.cached != one.cached
      || one.synced - before.synced >= state.context.options.sync_period / 2)
    keep(self, id, std::move(one));
  flow.synced_by = state.connection;
  const auto ended = std::exchange(flow.fetch, std::nullopt);
  if (ended->tell_client)
    forward(self, id, std::move(difference));
  for (const auto& then : ended->waiting)
    then({});
  // The parent has gone on since it was asked.
  if (ended->newest > version)
    fetch(self, id, true, [](const caf::error&) {});
}

/// What the end of a connection left open is asked once more on the next one,
/// if its time is not over then (edge-hub spec 6.2).
void ask_failed(self_pointer self, const identity_id& id,
                const caf::error& error) {
  auto& asked = *self->state.flows[id].fetch;
  const auto left = asked.until - self->clock().now();
  if (error != ec::io_failed || left.count() <= 0
      || std::exchange(asked.repeated, true))
    return fetch_failed(self, id, error);
  asked.once_more = true;
  self->delayed_send(self, left, fetch_due{id});
}

void ask_for_twin(self_pointer self, const identity_id& id) {
  auto& state = self->state;
  if (!state.upstream)
    return fetch_failed(self, id, ec::unavailable);
  self
    ->request(state.upstream,
              state.flows[id].fetch->until - self->clock().now(),
              fetch_twin{id})
    .then(
      [self, id](const twin_text& answer) {
        auto twin = twin::client_twin_of(*answer.json);
        if (twin)
          take_twin(self, id, std::move(*twin));
        else
          fetch_failed(self, id, twin.error());
      },
      [self, id](const caf::error& error) { ask_failed(self, id, error); });
}

} // namespace

void fetch_once_more(self_pointer self) {
  for (auto& [id, flow] : self->state.flows)
    if (flow.fetch && std::exchange(flow.fetch->once_more, false))
      ask_for_twin(self, id);
}

void end_waiting(self_pointer self, const identity_id& id) {
  const auto& asked = self->state.flows[id].fetch;
  if (asked && asked->once_more && self->clock().now() >= asked->until)
    fetch_failed(self, id, ec::unavailable);
}

void fetch(self_pointer self, const identity_id& id, bool tell_client,
           std::function<void(const caf::error&)> then) {
  auto& asked = self->state.flows[id].fetch;
  const auto is_first = !asked;
  if (is_first) {
    asked.emplace();
    asked->until
      = self->clock().now() + self->state.context.options.answer_timeout;
  }
  asked->tell_client = asked->tell_client || tell_client;
  asked->waiting.push_back(std::move(then));
  if (is_first)
    ask_for_twin(self, id);
}

void take_desired(self_pointer self, const upstream_desired& news) {
  auto& state = self->state;
  auto patch = twin::desired_patch_of(*news.patch);
  if (!patch)
    return log::warning(
      "twins", "a desired patch of the parent is ignored",
      {{"id", to_string(news.id)}, {"reason", error_text(patch.error())}});
  if (auto& asked = state.flows[news.id].fetch) {
    asked->newest = std::max(asked->newest, twin::version_of(*patch));
    return;
  }
  auto one = known(state, news.id);
  switch (twin::step_for(one, *patch)) {
  case twin::desired_step::forward:
    return forward(self, news.id, std::move(*patch));
  case twin::desired_step::merge_and_forward:
    twin::merge_desired(one, *patch);
    keep(self, news.id, std::move(one));
    return forward(self, news.id, std::move(*patch));
  case twin::desired_step::fetch:
    return fetch(self, news.id, true, [](const caf::error&) {});
  }
}

void read_again(self_pointer self, const identity_id& id) {
  if (known(self->state, id).cached || is_own(self->state, id))
    fetch(self, id, true, [](const caf::error&) {});
}

void follow(self_pointer self, const identity_id& id, const job_end& end) {
  auto& state = self->state;
  self
    ->request(state.upstream, state.context.options.answer_timeout,
              follow_desired{id, wants_desired(state, id)})
    .then([end](const desired_followed&) { end(); },
          [id, end](const caf::error& error) {
            log::warning(
              "twins", "desired properties cannot be followed at the parent",
              {{"id", to_string(id)}, {"reason", error_text(error)}});
            end();
          });
}

void resync(self_pointer self, const identity_id& id, const job_end& end) {
  auto& state = self->state;
  if (state.flows[id].synced_by == state.connection)
    return end();
  const auto one = known(state, id);
  // A clock that was set back makes no twin young.
  const auto age = wall_now(state) - one.synced;
  const auto is_young
    = age >= age.zero() && age < state.context.options.sync_period;
  const auto lives_by_it = is_own(state, id);
  if (!one.cached && !lives_by_it)
    return end();
  // Who follows may have missed a change while the parent was away.
  if (is_young && !lives_by_it && !wants_desired(state, id)) {
    resync_later(self, state.context.options.sync_period - age);
    return end();
  }
  fetch(self, id, true, [end](const caf::error&) { end(); });
}

} // namespace tidegate::edge_twin_steps
