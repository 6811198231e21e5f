#include "actors/identity/identities.hpp"

#include "actors/identity/identity_edits.hpp"
#include "actors/identity/scope_following.hpp"
#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <openssl/rand.h>

namespace tidegate {

namespace {

using self_pointer = identities_actor::stateful_pointer<identities_state>;
using kind = judgement::kind;

std::string random_name() {
  unsigned char bytes[8];
  RAND_bytes(bytes, sizeof bytes);
  std::string name;
  for (const auto byte : bytes)
    name += static_cast<char>('a' + byte % 26);
  return name;
}

judgement judge_now(const identities_state& state, const authenticate& wish) {
  judge_rules rules{state.context.hosts, {}, {}};
  if (state.context.policies)
    rules.policies = state.context.policies->current();
  if (wish.token.empty() && !wish.certificate.empty())
    rules.trust_bundle = state.context.trust_bundle();
  return judge(wish, state.lookup(), rules, state.context.now());
}

/// For labels: strangers share one, or they could make up any number.
std::string known_name(const identities_state& state, const identity_id& id) {
  return state.find(id) ? to_string(id) : "unknown";
}

/// `final` says that the authority has been heard: only then may an edge hub
/// be told that somebody is not there, for it throws away what it has of them
/// (edge-hub spec 5.5).
caf::error refuse(const identities_state& state, const authenticate& wish,
                  const judgement& how, bool final) {
  const auto& reason = how.reason;
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
  const bool absent = final && how.verdict == kind::absent;
  return caf::make_error(absent ? ec::not_found : ec::unauthorized, reason);
}

authenticated accept(const authenticate& wish, const judgement& how) {
  return {wish.id, std::chrono::duration_cast<std::chrono::seconds>(
                     how.expires.time_since_epoch())
                     .count()};
}

caf::typed_response_promise<authenticated> decide(self_pointer self,
                                                  const authenticate& wish) {
  auto& state = self->state;
  auto promise = self->make_response_promise<authenticated>();
  const auto how = judge_now(state, wish);
  const auto asks = how.verdict != kind::valid && how.verdict != kind::refused;
  if (how.verdict == kind::valid) {
    promise.deliver(accept(wish, how));
  } else if (asks && !wish.again && ask_parent(self, wish.id)) {
    state.waiting[wish.id].push_back({wish, promise});
  } else {
    promise.deliver(refuse(state, wish, how, !state.context.scope));
  }
  return promise;
}

/// Those who waited for the parent's word on an identity hear it.
void answer_waiting(self_pointer self, const scope_answer& answer) {
  auto& state = self->state;
  auto waiting = std::exchange(state.waiting, {});
  for (auto& [id, clients] : waiting) {
    if (!settles(answer, id)) {
      state.waiting.emplace(id, std::move(clients));
      continue;
    }
    for (auto& client : clients) {
      const auto how = judge_now(state, client.wish);
      if (how.verdict == kind::valid)
        client.promise.deliver(accept(client.wish, how));
      else
        client.promise.deliver(refuse(state, client.wish, how, !answer.error));
    }
  }
  auto refreshing = std::exchange(state.refreshing, {});
  for (auto& [id, promises] : refreshing) {
    if (!settles(answer, id)) {
      state.refreshing.emplace(id, std::move(promises));
      continue;
    }
    for (auto& promise : promises)
      promise.deliver(identity_refreshed{});
  }
}

caf::result<std::string> auth_chain(const identities_state& state,
                                    const std::string& device) {
  std::string chain;
  for (const auto& one : devices_above(device, state.lookup())) {
    chain += (chain.empty() ? "" : ";") + one;
    if (one == state.context.device)
      return chain;
  }
  return caf::make_error(ec::not_found,
                         device + " is not behind " + state.context.device);
}

caf::typed_response_promise<identity_refreshed> refresh(self_pointer self,
                                                        const identity_id& id) {
  auto promise = self->make_response_promise<identity_refreshed>();
  if (ask_parent(self, id))
    self->state.refreshing[id].push_back(promise);
  else
    promise.deliver(identity_refreshed{});
  return promise;
}

} // namespace

identities_state::identities_state() : changes{random_name()} {}

identities_state::~identities_state() {
  const auto over = caf::make_error(ec::unavailable, "the node stops");
  for (auto& [id, clients] : waiting)
    for (auto& client : clients)
      client.promise.deliver(over);
  for (auto& [id, promises] : refreshing)
    for (auto& promise : promises)
      promise.deliver(over);
  for (auto& [edge, gateway] : below)
    gateway.promise.deliver(over);
}

std::optional<identity> identities_state::find(const identity_id& id) const {
  auto found = context.store->get(id);
  if (found)
    return std::move(*found);
  if (found.error() != ec::not_found) {
    log::error("identity", "a stored identity cannot be read",
               {{"id", to_string(id)}, {"reason", error_text(found.error())}});
    context.meters
      ->counter("tidegate_identities_unreadable_total",
                "Times a stored identity could not be read.")
      .Increment();
  }
  return std::nullopt;
}

identity_lookup identities_state::lookup() const {
  return [this](const identity_id& id) { return find(id); };
}

identities_actor::behavior_type identities(self_pointer self,
                                           identities_context context) {
  self->state.context = std::move(context);
  if (self->state.context.scope)
    begin_following(self);
  return {
    [self](const authenticate& wish) { return decide(self, wish); },
    [self](const put_identity& wish) { return put(self->state, wish); },
    [self](const get_identity& wish) -> caf::result<identity> {
      auto found = self->state.context.store->get(wish.id);
      if (!found)
        return found.error();
      return std::move(*found);
    },
    [self](const delete_identity& wish) { return remove(self->state, wish); },
    [self](const list_identities& wish) { return list(self->state, wish); },
    [self](const get_auth_chain& wish) {
      return auth_chain(self->state, wish.device);
    },
    [self](const refresh_identity& wish) { return refresh(self, wish.id); },
    [self](const await_scope_news& wish) { return await_news(self, wish); },
    [self](const scope_answer& answer) {
      take(self, answer);
      answer_waiting(self, answer);
    },
    [self](const whole_scope& all) { take(self, all); },
    [self](const scope_news& news) { take(self, news); },
    [self](const uplink_changed& news) { take(self, news); },
    [self](const scope_tick& tick) { take(self, tick); },
  };
}

} // namespace tidegate
