#include "actors/clients/connection_identities.hpp"

#include "messages/ec.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

/// An answer may have to wait for the parent (edge-hub spec 3.4).
constexpr auto patience = std::chrono::seconds{120};

} // namespace

connection_identities::connection_identities(caf::event_based_actor* self,
                                             const session_context& context,
                                             const peer_info& peer,
                                             verdict_handler on_verdict)
  : self_{self}, context_{context}, peer_{peer}, on_verdict_{
                                                   std::move(on_verdict)} {}

bool connection_identities::admitted(const identity_id& id) const {
  const auto found = known_.find(id);
  return found != known_.end() && found->second.is == standing::admitted;
}

bool connection_identities::turned_away(const caf::error& why) {
  return why == ec::unauthorized || why == ec::not_found;
}

bool connection_identities::asking() const {
  return vouching_
         || std::any_of(known_.begin(), known_.end(), [](const auto& one) {
              return one.second.is != standing::admitted;
            });
}

void connection_identities::vouch(const identity_id& id,
                                  std::function<void(const caf::error&)> then) {
  if (std::exchange(vouching_, true))
    return;
  vouched_ = id;
  authenticate asked{id, std::string{tokens_.find(id, {})}, {}};
  asked.again = true;
  asked.beforehand = true;
  self_->request(context_.authenticator, patience, std::move(asked))
    .then(
      [this, then](const authenticated&) {
        vouching_ = false;
        then({});
      },
      [this, then](const caf::error& why) {
        vouching_ = false;
        then(why);
      });
}

void connection_identities::vouch_again(
  std::function<void(const caf::error&)> then) {
  if (!vouched_.device.empty())
    vouch(identity_id{vouched_}, std::move(then));
}

auth_method connection_identities::method_of(const identity_id& id) const {
  const auto found = known_.find(id);
  return found == known_.end() ? auth_method::untold : found->second.method;
}

authenticate connection_identities::question(const identity_id& id,
                                             const entry& about) const {
  authenticate asked{id, std::string{tokens_.find(id, about.auth_chain)},
                     about.auth_chain};
  if (asked.token.empty()) {
    asked.certificate = peer_.certificate;
    asked.vouched = peer_.vouched;
  }
  asked.again = about.is == standing::admitted;
  return asked;
}

void connection_identities::admit(const identity_id& id,
                                  const std::string& auth_chain) {
  const auto [found, is_new]
    = known_.try_emplace(id, entry{standing::verifying,
                                   auth_method::untold,
                                   auth_chain,
                                   {},
                                   self_->clock().now()});
  if (!is_new)
    return;
  self_->request(context_.authenticator, patience, question(id, found->second))
    .then([this, id](const authenticated& in) { join(id, in.method); },
          [this, id](const caf::error& why) { refuse(id, why); });
}

void connection_identities::join(const identity_id& id, auth_method method) {
  const auto found = known_.find(id);
  if (found == known_.end())
    return; // left or replaced meanwhile
  found->second.is = standing::joining;
  found->second.method = method;
  self_
    ->request(context_.clients, patience,
              client_join{id, caf::actor_cast<caf::actor>(self_), "amqp",
                          peer_.address, found->second.judged,
                          !found->second.auth_chain.empty()})
    .then(
      [this, id](const client_joined& now) {
        const auto joined = known_.find(id);
        if (joined == known_.end())
          return leave(id);
        joined->second.is = standing::admitted;
        on_verdict_(id, {});
        if (now.again && admitted(id))
          verify_again(id, known_.at(id));
      },
      [this, id](const caf::error& why) { refuse(id, why); });
}

void connection_identities::refuse(const identity_id& id,
                                   const caf::error& why) {
  if (known_.erase(id) > 0)
    on_verdict_(id, why);
}

void connection_identities::want(const identity_id& id,
                                 const client_wants& wants) {
  const auto found = known_.find(id);
  if (found == known_.end() || found->second.is != standing::admitted
      || std::exchange(found->second.wants, wants) == wants)
    return;
  caf::anon_send(
    context_.clients,
    client_subscribed{id, caf::actor_cast<caf::actor>(self_), wants});
}

void connection_identities::leave(const identity_id& id) {
  known_.erase(id);
  caf::anon_send(context_.clients,
                 client_leave{id, caf::actor_cast<caf::actor>(self_)});
}

void connection_identities::renewed(const identity_id& id) {
  if (admitted(id))
    verify_again(id, known_.at(id));
}

void connection_identities::verify_again() {
  for (const auto& [id, about] : known_)
    if (about.is == standing::admitted)
      verify_again(id, about);
}

void connection_identities::verify_again(const identity_id& id,
                                         const entry& about) {
  self_->request(context_.authenticator, patience, question(id, about))
    .then([](const authenticated&) {},
          [this, id](const caf::error& why) {
            if (turned_away(why) && admitted(id)) {
              leave(id);
              on_verdict_(id, why);
            }
          });
}

} // namespace tidegate
