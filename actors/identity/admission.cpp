#include "actors/identity/admission.hpp"

#include "actors/identity/own_token_claim.hpp"
#include "actors/identity/scope_following.hpp"
#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <caf/send.hpp>

#include <utility>

namespace tidegate {

namespace {

using self_pointer = identities_actor::stateful_pointer<identities_state>;
using kind = judgement::kind;
using waiting_client = identities_state::waiting_client;

std::int64_t seconds_of(sas_time at) {
  return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch())
    .count();
}

judgement judge_now(const identities_state& state, const authenticate& wish) {
  judge_rules rules{state.context.hosts, {}, {}, state.context.proxy};
  if (state.context.policies)
    rules.policies = state.context.policies->current();
  if (wish.token.empty())
    rules.trust_bundle = state.context.trust_bundle();
  return judge(wish, state.lookup(), rules, state.context.now());
}

/// For labels: strangers share one, or they could make up any number.
std::string known_name(const identities_state& state, const identity_id& id) {
  return state.find(id) ? to_string(id) : "unknown";
}

caf::error refuse(const identities_state& state, const authenticate& wish,
                  ec code, const std::string& reason) {
  if (wish.beforehand)
    return caf::make_error(code, reason);
  log::warning("identity", "a client was refused",
               {{"id", to_string(wish.id)}, {"reason", reason}});
  if (!wish.again)
    state.context.meters
      ->counter("edgehub_client_connect_failed_total",
                "Client connections that were refused.",
                {{"id", known_name(state, wish.id)},
                 {"reason", "not_authenticated"},
                 {"ms_telemetry", "True"}})
      .Increment();
  return caf::make_error(code, reason);
}

/// `final` says that the authority has been heard: only then may an edge hub
/// be told that somebody is not there, for it throws away what it has of them
/// (edge-hub spec 5.5).
caf::error refuse(const identities_state& state, const authenticate& wish,
                  const judgement& how, bool final) {
  // Its gateway would throw away what waits of it.
  const bool absent
    = final && how.verdict == kind::absent && !state.is_damaged(wish.id);
  return refuse(state, wish, absent ? ec::not_found : ec::unauthorized,
                how.reason);
}

authenticated accept(const identities_state& state, const authenticate& wish,
                     const judgement& how) {
  return {wish.id, seconds_of(how.expires),
          state.context.tells_method ? how.method : auth_method::untold};
}

void begin_checks(self_pointer self) {
  auto& state = self->state;
  while (const auto* next = state.checks.next())
    state.context.checker->check(next->first, next->second,
                                 caf::actor_cast<caf::actor>(self));
}

/// While its parent is there, a client comes again before its token ends.
bool ends_soon(const identities_state& state, const authenticate& wish,
               const judgement& how) {
  return wish.again && state.parent_reachable
         && how.expires < state.context.now() + own_token_margin;
}

/// By a token of its own: one that the parent took once, else one that it is
/// to check now.
void admit_by_own_token(self_pointer self, waiting_client client) {
  auto& state = self->state;
  const auto& wish = client.wish;
  const auto now = state.context.now();
  const auto before = state.context.tokens->find(wish.id);
  auto how = judge_own_token(wish, state.context.hosts, now);
  if (how.verdict == kind::valid && ends_soon(state, wish, how))
    how = {kind::refused, "the token ends soon; a new one is wanted", {}};
  if (how.verdict != kind::valid)
    client.promise.deliver(refuse(state, wish, how, false));
  else if (is_known_token(wish, before))
    client.promise.deliver(accept(state, wish, how));
  else if (wish.beforehand)
    client.promise.deliver(
      refuse(state, wish, ec::unavailable, "its own token is not known here"));
  else if (!state.checks.add(wish.id, wish.token, now, client,
                             before.has_value()))
    client.promise.deliver(refuse(state, wish, ec::unavailable,
                                  "the parent is asked about too many tokens"));
  else
    begin_checks(self);
}

void finish(self_pointer self, waiting_client client, const judgement& how,
            bool heard) {
  auto& state = self->state;
  const auto& wish = client.wish;
  if (may_show_own_token(state.context.mode, wish, how.verdict))
    return admit_by_own_token(self, std::move(client));
  if (how.verdict == kind::valid)
    client.promise.deliver(accept(state, wish, how));
  else
    client.promise.deliver(refuse(state, wish, how, heard));
}

/// What the scope says would change nothing.
bool is_decided(const identities_state& state, const authenticate& wish,
                const judgement& how) {
  const auto mode = state.context.mode;
  return may_show_own_token(mode, wish, how.verdict)
         && (mode == authentication_mode::cloud
             || is_known_token(wish, state.context.tokens->find(wish.id)));
}

} // namespace

caf::typed_response_promise<authenticated> decide(self_pointer self,
                                                  const authenticate& wish) {
  auto& state = self->state;
  auto promise = self->make_response_promise<authenticated>();
  const auto how = judge_now(state, wish);
  const auto asks = how.verdict != kind::valid && how.verdict != kind::refused
                    && !wish.again && !is_decided(state, wish, how);
  const auto outcome = asks ? ask_parent(self, wish.id) : ask_outcome::enough;
  if (outcome == ask_outcome::asked)
    state.waiting[wish.id].push_back({wish, promise});
  else if (outcome == ask_outcome::busy)
    promise.deliver(refuse(state, wish, ec::unavailable,
                           "the parent is asked about too many identities"));
  else
    finish(self, {wish, promise}, how, !state.context.scope);
  return promise;
}

void settle(self_pointer self, waiting_client client, bool heard) {
  const auto how = judge_now(self->state, client.wish);
  finish(self, std::move(client), how, heard);
}

void take(self_pointer self, const token_verdict& verdict) {
  auto& state = self->state;
  const auto now = state.context.now();
  for (auto& [wish, promise] : state.checks.take(verdict.id, verdict.token)) {
    const auto how = judge_own_token(wish, state.context.hosts, now);
    auto why = verdict.why;
    if (!why)
      why = state.context.tokens->put(
        wish.id, {wish.token, seconds_of(how.expires)}, seconds_of(now));
    if (!why)
      promise.deliver(accept(state, wish, how));
    else
      promise.deliver(
        refuse(state, wish,
               why == ec::unauthorized ? ec::unauthorized : ec::unavailable,
               "its own token was not taken: " + error_text(why)));
  }
  begin_checks(self);
}

void take(self_pointer self, const own_token_refused& news) {
  auto& state = self->state;
  const auto known = state.context.tokens->find(news.id);
  if (!known || known->text != news.token)
    return;
  log::warning("identity", "the parent does not take a client's token any more",
               {{"id", to_string(news.id)}});
  // It stays known as one that speaks for itself: what waits of it is to wait.
  if (const auto failed = state.context.tokens->put(
        news.id, {{}, known->expires}, seconds_of(state.context.now())))
    log::error("identity", "the token of a client cannot be forgotten",
               {{"id", to_string(news.id)}, {"error", error_text(failed)}});
  caf::anon_send(
    state.context.clients,
    disconnect_client{news.id, "the parent does not take its token"});
}

} // namespace tidegate
