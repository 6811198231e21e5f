#include "actors/identity/identities.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/twin_messages.hpp"

#include <algorithm>
#include <caf/send.hpp>
#include <openssl/rand.h>

namespace tidegate {

namespace {

using self_pointer = identities_actor::stateful_pointer<identities_state>;
using kind = judgement::kind;

/// Ids that the parent was asked about are remembered up to this many.
constexpr std::size_t most_asked = 10'000;
constexpr std::size_t most_waiting = 1'000;

std::string random_key() {
  std::string bytes(32, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
             static_cast<int>(bytes.size()));
  return base64_encode(bytes);
}

std::optional<identity> find(const identities_state& state,
                             const identity_id& id) {
  auto found = state.context.store->get(id);
  if (found)
    return std::move(*found);
  if (found.error() != ec::not_found)
    log::error("identity", "a stored identity cannot be read",
               {{"id", to_string(id)}, {"reason", error_text(found.error())}});
  return std::nullopt;
}

judgement judge_now(const identities_state& state, const authenticate& wish) {
  return judge(
    wish, [&state](const identity_id& id) { return find(state, id); },
    state.context.hosts, state.context.now());
}

/// For labels: strangers share one, or they could make up any number.
std::string known_name(const identities_state& state, const identity_id& id) {
  return find(state, id) ? to_string(id) : "unknown";
}

/// `final` says that the authority has been heard: only then may an edge hub
/// be told that somebody is not there, for it throws away what it has of them
/// (edge-hub spec 5.5).
caf::error refuse(const identities_state& state, const authenticate& wish,
                  const judgement& how, bool final) {
  const auto& reason = how.reason;
  log::warning("identity", "a client was refused",
               {{"id", to_string(wish.id)}, {"reason", reason}});
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

/// Whether the parent is to be asked about `id`; counts as asked then.
bool take_question(identities_state& state, const identity_id& id) {
  const auto& context = state.context;
  const auto now = context.now();
  if (state.asked.size() >= most_asked)
    std::erase_if(state.asked, [now](const auto& known) {
      return known.second.untouched(now);
    });
  if (state.waiting.size() >= most_waiting || state.asked.size() >= most_asked)
    return false;
  return state.asked[id].take(now, context.scope_burst, context.scope_gap);
}

/// Asks the parent, which may know better, about `id`, unless that is under
/// way. Returns whether an answer is to be waited for.
bool ask_parent(self_pointer self, const judgement& how,
                const identity_id& id) {
  auto& state = self->state;
  if (!state.context.scope || how.verdict == kind::valid
      || how.verdict == kind::refused)
    return false;
  if (state.waiting.contains(id))
    return true;
  if (!take_question(state, id))
    return false;
  state.context.scope->fetch(id, caf::actor_cast<caf::actor>(self));
  return true;
}

caf::typed_response_promise<authenticated> decide(self_pointer self,
                                                  const authenticate& wish) {
  auto& state = self->state;
  auto promise = self->make_response_promise<authenticated>();
  const auto how = judge_now(state, wish);
  if (how.verdict == kind::valid) {
    promise.deliver(accept(wish, how));
  } else if (ask_parent(self, how, wish.id)) {
    state.waiting[wish.id].push_back({wish, promise});
  } else {
    promise.deliver(refuse(state, wish, how, !state.context.scope));
  }
  return promise;
}

void disconnect(self_pointer self, const identity_id& id,
                const std::string& why) {
  caf::anon_send(self->state.context.clients, disconnect_client{id, why});
}

/// What goes with an identity that is removed.
void end_identity(self_pointer self, const identity_id& id) {
  if (self->state.context.twins)
    caf::anon_send(self->state.context.twins, forget_twin{id});
  disconnect(self, id, "its identity was removed");
}

/// A client whose keys or status changed must show itself again.
void react_to_change(self_pointer self, const std::optional<identity>& before,
                     const identity& now) {
  if (before
      && (!now.enabled || before->primary_key != now.primary_key
          || before->secondary_key != now.secondary_key))
    disconnect(self, now.id, "its identity was changed or disabled");
}

/// Keeps what the parent says about an identity.
void learn(self_pointer self, const identity& found) {
  const auto before = find(self->state, found.id);
  if (before == found)
    return;
  if (const auto failed = self->state.context.store->put(found))
    log::error("identity", "an identity from the parent cannot be stored",
               {{"id", to_string(found.id)}, {"error", error_text(failed)}});
  else
    react_to_change(self, before, found);
}

/// Drops what the parent says does not exist.
void unlearn(self_pointer self, const identity_id& gone) {
  if (!find(self->state, gone))
    return;
  if (const auto failed = self->state.context.store->remove(gone))
    log::error("identity", "a removed identity cannot be deleted",
               {{"id", to_string(gone)}, {"error", error_text(failed)}});
  end_identity(self, gone);
}

/// Whether `answer` settles what was asked about `id`.
bool settles(const scope_answer& answer, const identity_id& id) {
  return answer.error
         || std::any_of(answer.found.begin(), answer.found.end(),
                        [&](const auto& one) { return one.id == id; })
         || std::find(answer.missing.begin(), answer.missing.end(), id)
              != answer.missing.end();
}

void take_answer(self_pointer self, const scope_answer& answer) {
  auto& state = self->state;
  if (answer.error)
    log::warning("identity", "the parent cannot be asked about identities",
                 {{"error", error_text(answer.error)}});
  for (const auto& found : answer.found)
    learn(self, found);
  for (const auto& gone : answer.missing)
    unlearn(self, gone);
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
}

/// Makes the keys that are missing.
identity with_keys(identity value) {
  if (value.credential == credential_kind::symmetric_key) {
    if (value.primary_key.empty())
      value.primary_key = random_key();
    if (value.secondary_key.empty())
      value.secondary_key = random_key();
  }
  return value;
}

/// What forbids this identity besides what the store checks, or nothing.
caf::error check(const identities_state& state, const identity& value) {
  for (const auto& key : {value.primary_key, value.secondary_key})
    if (!key.empty() && !base64_decode(key))
      return caf::make_error(ec::bad_argument, "a key must be base64");
  if (value.parent.empty())
    return {};
  const auto parent = find(state, {value.parent, {}});
  if (parent && parent->edge)
    return {};
  return caf::make_error(ec::bad_argument, "the parent `" + value.parent
                                             + "` is not an edge device");
}

caf::expected<identity> create(self_pointer self, identity value) {
  auto& store = *self->state.context.store;
  auto made = store.create(with_keys(std::move(value)));
  if (!made || !made->edge)
    return made;
  for (const auto* name : {"$edgeAgent", "$edgeHub"}) {
    identity part;
    part.id = {made->id.device, name};
    part.managed_by = "IotEdge";
    if (auto failed = store.create(with_keys(std::move(part))); !failed)
      return failed.error();
  }
  return made;
}

caf::expected<identity> update(self_pointer self, const put_identity& wish) {
  const auto before = find(self->state, wish.value.id);
  auto value = with_keys(wish.value);
  value.etag = wish.if_match;
  auto made = self->state.context.store->update(std::move(value));
  if (made)
    react_to_change(self, before, *made);
  return made;
}

caf::result<identity> put(self_pointer self, const put_identity& wish) {
  if (auto problem = check(self->state, wish.value))
    return problem;
  auto made = wish.must_exist ? update(self, wish) : create(self, wish.value);
  if (!made)
    return made.error();
  return std::move(*made);
}

caf::result<identity> remove(self_pointer self, const identity_id& id) {
  auto& store = *self->state.context.store;
  auto before = store.get(id);
  if (!before)
    return before.error();
  std::vector<identity> ended{*before};
  if (!id.is_module())
    if (auto modules = store.modules(id.device))
      ended.insert(ended.end(), modules->begin(), modules->end());
  if (auto failed = store.remove(id))
    return failed;
  for (const auto& gone : ended)
    end_identity(self, gone.id);
  return std::move(*before);
}

/// Whether `edge` is `one`'s device or stands above it.
bool is_behind(const identities_state& state, const identity& one,
               const std::string& edge) {
  auto device = one.id.device;
  for (int depth = 0; depth < 8; ++depth) {
    if (device == edge)
      return true;
    const auto found = find(state, {device, {}});
    if (!found || found->parent.empty())
      return false;
    device = found->parent;
  }
  return false;
}

caf::result<std::vector<identity>> list_device(const identities_state& state,
                                               const list_identities& wish) {
  auto device = state.context.store->get({wish.device, {}});
  if (!device)
    return std::vector<identity>{};
  if (!wish.behind.empty() && !is_behind(state, *device, wish.behind))
    return std::vector<identity>{};
  auto all = state.context.store->modules(wish.device);
  if (!all)
    return all.error();
  all->insert(all->begin(), std::move(*device));
  return std::move(*all);
}

caf::result<std::vector<identity>> list(const identities_state& state,
                                        const list_identities& wish) {
  if (!wish.device.empty())
    return list_device(state, wish);
  std::vector<identity> all;
  auto after = parse_identity_id(wish.after);
  while (all.size() < wish.most) {
    auto page = state.context.store->list(wish.most, after);
    if (!page)
      return page.error();
    for (auto& one : *page)
      if (all.size() < wish.most
          && (wish.behind.empty() || is_behind(state, one, wish.behind)))
        all.push_back(one);
    if (page->size() < wish.most)
      break;
    after = page->back().id;
  }
  return all;
}

} // namespace

identities_actor::behavior_type identities(self_pointer self,
                                           identities_context context) {
  self->state.context = std::move(context);
  return {
    [self](const authenticate& wish) { return decide(self, wish); },
    [self](const put_identity& wish) { return put(self, wish); },
    [self](const get_identity& wish) -> caf::result<identity> {
      auto found = self->state.context.store->get(wish.id);
      if (!found)
        return found.error();
      return std::move(*found);
    },
    [self](const delete_identity& wish) { return remove(self, wish.id); },
    [self](const list_identities& wish) { return list(self->state, wish); },
    [self](const scope_answer& answer) { take_answer(self, answer); },
  };
}

} // namespace tidegate
