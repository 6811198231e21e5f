#include "actors/identity/identities.hpp"

#include "actors/identity/admission.hpp"
#include "actors/identity/identity_edits.hpp"
#include "actors/identity/scope_following.hpp"
#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <openssl/rand.h>

namespace tidegate {

namespace {

using self_pointer = identities_actor::stateful_pointer<identities_state>;

std::string random_name() {
  unsigned char bytes[8];
  RAND_bytes(bytes, sizeof bytes);
  std::string name;
  for (const auto byte : bytes)
    name += static_cast<char>('a' + byte % 26);
  return name;
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
    for (auto& client : clients)
      settle(self, std::move(client), !answer.error);
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
  state.questions.drop_unless([&state](const identity_id& id) {
    return state.waiting.contains(id) || state.refreshing.contains(id);
  });
  if (state.context.scope)
    ask_next(self);
}

/// Those who waited for one that has been read with all others.
void answer_waiting(self_pointer self, const whole_scope& all) {
  auto& state = self->state;
  scope_answer answer;
  for (const auto& one : all.found)
    if (state.waiting.contains(one.id) || state.refreshing.contains(one.id))
      answer.found.push_back(one);
  if (!answer.found.empty())
    answer_waiting(self, answer);
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
  if (ask_parent(self, id) == ask_outcome::asked)
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
  for (auto& client : checks.take_all())
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

bool identities_state::is_damaged(const identity_id& id) const {
  const auto unreadable = [this](const identity_id& one) {
    const auto found = context.store->get(one);
    return !found && found.error() == ec::store_damaged;
  };
  return unreadable(id) || (id.is_module() && unreadable({id.device, {}}));
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
    [self](const whole_scope& all) {
      take(self, all);
      answer_waiting(self, all);
    },
    [self](const scope_news& news) { take(self, news); },
    [self](const uplink_changed& news) {
      self->state.parent_reachable = news.reachable;
      take(self, news);
    },
    [self](const scope_tick& tick) { take(self, tick); },
    [self](const token_verdict& verdict) { take(self, verdict); },
    [self](const own_token_refused& news) { take(self, news); },
  };
}

} // namespace tidegate
