#include "actors/uplink/guest_links.hpp"

#include "actors/identity/token_checker.hpp"
#include "actors/uplink/parent_verdict.hpp"
#include "actors/uplink/token_links.hpp"
#include "actors/uplink/uplink_context.hpp"
#include "messages/iothub/sas_token.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace tidegate {

namespace {

constexpr auto no_token = "amqp:unauthorized-access";

} // namespace

bool guest_links::has(const identity_id& id) const {
  return context_.tokens && context_.tokens->find(id).has_value();
}

std::optional<own_token> guest_links::usable(const identity_id& id) const {
  auto token = context_.tokens->find(id);
  const sas_time now = context_.now();
  if (!token || token->text.empty()
      || sas_time{std::chrono::seconds{token->expires}} + sas_clock_skew < now)
    return std::nullopt;
  return token;
}

void guest_links::open(const identity_id& id, pn_link_t* link) {
  const auto token = usable(id);
  if (!token) {
    failed_.push_back({link, no_token});
    return;
  }
  owners_.emplace(link, id);
  auto& whom = guests_[id];
  if (whom.taken && whom.token == token->text) {
    ++whom.open;
    return open_now_(link);
  }
  whom.waiting.push_back(link);
  if (whom.token != token->text)
    show(id, whom, token->text);
}

void guest_links::show(const identity_id& id, guest& whom, std::string token) {
  whom.token = std::move(token);
  tokens_.show(context_.hub_host, id, whom.token,
               [this, id, shown = whom.token](int status, const std::string&) {
                 answered(id, shown, status);
               });
}

void guest_links::answered(const identity_id& id, const std::string& token,
                           int status) {
  const auto found = guests_.find(id);
  if (found == guests_.end() || found->second.token != token)
    return; // all its links are closed, or a newer one was shown
  auto& whom = found->second;
  if (status / 100 == 2) {
    whom.taken = true;
    for (auto* const link : std::exchange(whom.waiting, {})) {
      open_now_(link);
      ++whom.open;
    }
    return;
  }
  whom.token.clear();
  whom.taken = false;
  const auto refusal = refusal_of(status);
  const bool refused = refusal == ec::unauthorized || refusal == ec::not_found;
  if (refused && context_.identities)
    caf::anon_send(context_.identities, own_token_refused{id, token});
  fail(whom, refused ? no_token : "");
  drop_if_unused(id);
}

void guest_links::fail(guest& whom, const std::string& condition) {
  for (auto* const link : std::exchange(whom.waiting, {})) {
    owners_.erase(link);
    failed_.push_back({link, condition});
  }
}

std::optional<guest_links::failed_link> guest_links::take_failed() {
  if (failed_.empty())
    return std::nullopt;
  auto last = std::move(failed_.back());
  failed_.pop_back();
  return last;
}

bool guest_links::closed(pn_link_t* link) {
  const auto failed
    = std::find_if(failed_.begin(), failed_.end(),
                   [link](const auto& one) { return one.link == link; });
  if (failed != failed_.end()) {
    failed_.erase(failed);
    return true;
  }
  const auto owner = owners_.find(link);
  if (owner == owners_.end())
    return false;
  const auto id = owner->second;
  owners_.erase(owner);
  auto& whom = guests_.at(id);
  const bool waited = std::erase(whom.waiting, link) > 0;
  whom.open -= waited ? 0 : 1;
  drop_if_unused(id);
  return waited;
}

void guest_links::ended(pn_link_t* link, std::string_view condition) {
  const auto owner = owners_.find(link);
  if (owner == owners_.end())
    return;
  const auto id = owner->second;
  const auto token = guests_.at(id).token;
  closed(link);
  if (refusal_of(condition) == ec::unauthorized && context_.identities)
    caf::anon_send(context_.identities, own_token_refused{id, token});
}

/// The next link of the client shows its token again.
void guest_links::drop_if_unused(const identity_id& id) {
  const auto found = guests_.find(id);
  if (found != guests_.end() && found->second.open == 0
      && found->second.waiting.empty())
    guests_.erase(found);
}

void guest_links::renew() {
  for (auto& [id, whom] : guests_)
    if (const auto token = usable(id); token && token->text != whom.token)
      show(id, whom, token->text);
}

} // namespace tidegate
