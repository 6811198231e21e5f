#include "actors/identity/identity_change.hpp"

#include "messages/twin_messages.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

void disconnect(const identities_state& state, const identity_id& id,
                const std::string& why) {
  caf::anon_send(state.context.clients, disconnect_client{id, why});
}

/// What goes with an identity that is removed.
void end(const identities_state& state, const identity_id& id) {
  if (state.context.twins)
    caf::anon_send(state.context.twins, forget_twin{id});
  disconnect(state, id, "its identity was removed");
}

/// Clients of others may depend on an edge device, which acts for them.
void verify(const identities_state& state, const identity& of) {
  const auto many = of.edge || of.id.module == "$edgeHub";
  caf::anon_send(state.context.clients,
                 verify_clients{many ? identity_id{} : of.id});
}

/// Nothing but what the authority counts by is different.
bool same_in_substance(identity a, const identity& b) {
  a.etag = b.etag;
  return a == b;
}

/// The edge devices whose scope holds what is, or was, on `device`.
std::vector<std::string> edges_of(const identities_state& state,
                                  const std::string& device,
                                  const std::string& former_parent) {
  auto all = devices_above(device, state.lookup());
  if (former_parent.empty())
    return all;
  const auto former = devices_above(former_parent, state.lookup());
  all.insert(all.end(), former.begin(), former.end());
  return all;
}

void note(identities_state& state, const std::optional<identity>& before,
          const std::optional<identity>& now) {
  const auto& one = now ? *now : *before;
  const auto former = before ? before->parent : std::string{};
  const auto moved = before && (!now || now->parent != before->parent);
  if (moved && before->edge)
    state.changes.note_everything();
  else
    state.changes.note(one.id, edges_of(state, one.id.device, former));
}

} // namespace

void announce_change(identities_state& state,
                     const std::optional<identity>& before,
                     const std::optional<identity>& now) {
  if (before && now && same_in_substance(*before, *now))
    return;
  note(state, before, now);
  if (before && !now)
    end(state, before->id);
  else if (before && !now->enabled)
    disconnect(state, now->id, "its identity is disabled");
  if (before)
    verify(state, now ? *now : *before);
  tell_gateways_below(state);
}

void tell_gateways_below(identities_state& state) {
  for (auto one = state.below.begin(); one != state.below.end();) {
    auto& [edge, gateway] = *one;
    const auto news = state.changes.since(gateway.wish.revision, edge);
    if (news.none()) {
      ++one;
      continue;
    }
    scope_news answer;
    answer.revision = state.changes.revision();
    answer.everything = news.everything;
    for (const auto& id : news.ids) {
      auto found = state.find(id);
      if (found && reached_through(edge, id.device, state.lookup()))
        answer.found.push_back(std::move(*found));
      else if (!state.is_damaged(id))
        answer.missing.push_back(id);
    }
    gateway.promise.deliver(std::move(answer));
    one = state.below.erase(one);
  }
}

} // namespace tidegate
