#include "actors/identity/scope_following.hpp"

#include "actors/identity/identity_change.hpp"
#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <algorithm>
#include <limits>

namespace tidegate {

namespace {

using std::chrono::seconds;
using duration = caf::actor_clock::duration_type;

/// Ids that the parent was asked about are remembered up to this many.
constexpr std::size_t most_asked = 10'000;
/// A gateway below is answered after this long, news or not.
constexpr seconds longest_wait{60};
/// Between two questions for news: many changes make one answer.
constexpr seconds between_news{1};
constexpr seconds first_pause{5};
constexpr seconds longest_pause{60};
/// Between two readings of the whole scope that are due to reconnections.
constexpr seconds between_readings{120};

void meter_reading(const identities_state& state, const char* result) {
  state.context.meters
    ->counter("tidegate_scope_refreshes_total",
              "Times the whole scope was read from the parent.",
              {{"result", result}})
    .Increment();
}

/// Whether the parent was not asked about `id` a moment ago; counts as asked
/// then.
bool take_budget(identities_state& state, const identity_id& id) {
  const auto& context = state.context;
  const auto now = context.now();
  if (state.asked.size() >= most_asked)
    std::erase_if(state.asked, [now](const auto& known) {
      return known.second.untouched(now);
    });
  return state.asked.size() < most_asked
         && state.asked[id].take(now, context.scope_burst, context.scope_gap);
}

/// Keeps what the parent says about an identity.
void learn(identities_state& state, const identity& found) {
  const auto before = state.find(found.id);
  if (state.following.reading)
    state.following.learnt.insert(found.id);
  if (before == found)
    return;
  if (state.context.mode == authentication_mode::cloud_and_scope)
    if (const auto failed = state.context.tokens->remove(found.id))
      log::error("identity", "the token of a client cannot be forgotten",
                 {{"id", to_string(found.id)}, {"error", error_text(failed)}});
  if (const auto failed = state.context.store->put(found)) {
    log::error("identity", "an identity from the parent cannot be stored",
               {{"id", to_string(found.id)}, {"error", error_text(failed)}});
    return;
  }
  announce_change(state, before, found);
}

/// Drops what the parent says does not exist.
void unlearn(identities_state& state, const identity_id& gone) {
  if (state.following.reading)
    state.following.learnt.insert(gone);
  const auto before = state.find(gone);
  if (!before)
    return;
  auto& store = *state.context.store;
  std::vector<identity> ended;
  if (!gone.is_module())
    if (auto modules = store.modules(gone.device))
      ended = std::move(*modules);
  ended.push_back(*before);
  if (const auto failed = store.remove(gone)) {
    log::error("identity", "a removed identity cannot be deleted",
               {{"id", to_string(gone)}, {"error", error_text(failed)}});
    return;
  }
  for (const auto& one : ended)
    announce_change(state, one, std::nullopt);
}

void schedule(identities_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  auto next = now + longest_wait;
  auto& following = state.following;
  if (state.context.scope) {
    if (!following.awaiting && following.tells_changes)
      next = std::min(next, following.ask_at);
    if (!following.reading)
      next = std::min(next, following.read_at);
  }
  for (const auto& [edge, gateway] : state.below)
    next = std::min(next, gateway.until);
  self->delayed_send(self, std::max<duration>(next - now, duration{0}),
                     scope_tick{++following.tick});
}

void ask_for_news(identities_pointer self) {
  auto& following = self->state.following;
  following.awaiting = true;
  self->state.context.scope->await_news(following.revision,
                                        caf::actor_cast<caf::actor>(self));
}

void read_everything(identities_pointer self) {
  auto& following = self->state.following;
  following.reading = true;
  following.learnt.clear();
  self->state.context.scope->fetch_all(caf::actor_cast<caf::actor>(self));
}

/// What the whole scope does not hold is gone. This node's own device stays
/// whatever the parent says, as does what was learnt while it was read.
void forget_others(identities_state& state, const whole_scope& all) {
  std::unordered_set<identity_id> present;
  for (const auto& one : all.found)
    present.insert(one.id);
  const auto known
    = state.context.store->list(std::numeric_limits<std::size_t>::max());
  if (!known)
    return;
  for (const auto& one : *known)
    if (!present.contains(one.id) && !state.following.learnt.contains(one.id)
        && one.id != identity_id{state.context.device, {}})
      unlearn(state, one.id);
}

/// Everybody who waits longer than `longest_wait` hears that nothing is new.
void release_gateways_below(identities_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  for (auto one = state.below.begin(); one != state.below.end();) {
    auto& gateway = one->second;
    if (gateway.until > now) {
      ++one;
      continue;
    }
    gateway.promise.deliver(
      scope_news{state.changes.revision(), false, {}, {}, {}});
    one = state.below.erase(one);
  }
}

} // namespace

void begin_following(identities_pointer self) {
  auto& following = self->state.following;
  following.ask_at = self->clock().now();
  following.read_at = following.ask_at + self->state.context.refresh_period;
  following.pause = first_pause;
  schedule(self);
}

ask_outcome ask_parent(identities_pointer self, const identity_id& id) {
  auto& state = self->state;
  if (!state.context.scope)
    return ask_outcome::enough;
  if (state.waiting.contains(id) || state.refreshing.contains(id))
    return ask_outcome::asked;
  const bool known = state.find(id).has_value();
  const auto now = state.context.now();
  if (!state.questions.has_room(known, now)) {
    log::warning("identity", "the parent is asked about too many identities",
                 {{"known", known ? "yes" : "no"}});
    state.context.meters
      ->counter("tidegate_scope_questions_refused_total",
                "Questions about identities that the parent was not asked, "
                "since there were too many.",
                {{"known", known ? "true" : "false"}})
      .Increment();
    return ask_outcome::busy;
  }
  // Not before: who was turned away by a crowd may come again.
  if (!take_budget(state, id))
    return ask_outcome::enough;
  state.questions.add(id, known, now);
  ask_next(self);
  return ask_outcome::asked;
}

void ask_next(identities_pointer self) {
  auto& state = self->state;
  while (const auto id = state.questions.next())
    state.context.scope->fetch(*id, caf::actor_cast<caf::actor>(self));
}

bool settles(const scope_answer& answer, const identity_id& id) {
  return answer.error
         || std::any_of(answer.found.begin(), answer.found.end(),
                        [&](const auto& one) { return one.id == id; })
         || std::find(answer.missing.begin(), answer.missing.end(), id)
              != answer.missing.end();
}

void take(identities_pointer self, const scope_answer& answer) {
  if (answer.asked)
    self->state.questions.end(*answer.asked);
  if (answer.error)
    log::warning("identity", "the parent cannot be asked about identities",
                 {{"error", error_text(answer.error)}});
  for (const auto& found : answer.found)
    learn(self->state, found);
  for (const auto& gone : answer.missing)
    unlearn(self->state, gone);
}

void take(identities_pointer self, const whole_scope& all) {
  auto& state = self->state;
  auto& following = state.following;
  following.reading = false;
  if (all.error) {
    meter_reading(state, "failed");
    log::warning("identity", "the scope cannot be read from the parent",
                 {{"error", error_text(all.error)}});
    following.revision.clear(); // what it stands for is not known here
    following.read_at = self->clock().now() + longest_pause;
  } else {
    meter_reading(state, "read");
    const auto learnt = following.learnt;
    for (const auto& found : all.found)
      if (!learnt.contains(found.id))
        learn(state, found);
    forget_others(state, all);
    following.read_at = self->clock().now();
    if (!following.outdated)
      following.read_at += state.context.refresh_period;
  }
  following.outdated = false;
  following.learnt.clear();
  schedule(self);
}

void take(identities_pointer self, const scope_news& news) {
  auto& state = self->state;
  auto& following = state.following;
  following.awaiting = false;
  const auto now = self->clock().now();
  if (news.error == ec::not_found) {
    if (std::exchange(following.tells_changes, false))
      following.read_at = std::min(following.read_at, now);
  } else if (news.error) {
    following.ask_at = now + following.pause;
    following.pause = std::min(2 * following.pause, longest_pause);
  } else {
    following.tells_changes = true;
    following.pause = first_pause;
    following.ask_at = now + between_news;
    following.revision = news.revision;
    for (const auto& found : news.found)
      learn(state, found);
    for (const auto& gone : news.missing)
      unlearn(state, gone);
    if (news.everything) {
      following.read_at = now;
      following.outdated = following.reading;
    }
  }
  schedule(self);
}

void take(identities_pointer self, const uplink_changed& news) {
  auto& state = self->state;
  auto& following = state.following;
  if (!news.reachable || !state.context.scope)
    return;
  const auto now = self->clock().now();
  following.ask_at = now;
  following.pause = first_pause;
  if (!std::exchange(following.tells_changes, true)) {
    const auto last = following.read_at - state.context.refresh_period;
    following.read_at = std::max(now, last + between_readings);
  }
  schedule(self);
}

void take(identities_pointer self, const scope_tick& tick) {
  auto& state = self->state;
  auto& following = state.following;
  if (tick.number != following.tick)
    return; // another one is on its way
  const auto now = self->clock().now();
  if (state.context.scope) {
    if (!following.reading && following.read_at <= now)
      read_everything(self);
    if (!following.awaiting && following.tells_changes
        && following.ask_at <= now)
      ask_for_news(self);
  }
  release_gateways_below(self);
  if (state.context.scope || !state.below.empty())
    schedule(self);
}

caf::typed_response_promise<scope_news>
await_news(identities_pointer self, const await_scope_news& wish) {
  auto& state = self->state;
  auto promise = self->make_response_promise<scope_news>();
  if (const auto old = state.below.find(wish.edge); old != state.below.end()) {
    // It has given up on that one, or it would not ask again.
    old->second.promise.deliver(
      scope_news{old->second.wish.revision, false, {}, {}, {}});
    state.below.erase(old);
  }
  state.below.emplace(wish.edge,
                      identities_state::waiting_gateway{
                        wish, promise, self->clock().now() + longest_wait});
  tell_gateways_below(state);
  schedule(self);
  return promise;
}

} // namespace tidegate
