#include "actors/clients/amqp_connection.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/clients/proton_values.hpp"
#include "actors/log.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/client_version.hpp"

#include <caf/send.hpp>

#include <proton/connection.h>
#include <proton/link.h>
#include <proton/session.h>
#include <proton/terminus.h>

#include <utility>

namespace tidegate {

namespace {

/// Links on one connection; a child gateway has up to six per client.
constexpr std::size_t most_links = 40'000;
/// Links that were refused and that the client has not detached.
constexpr std::size_t most_refused = 1000;

/// How long a client without links may take to close.
constexpr auto leave_patience = std::chrono::seconds{5};

constexpr int cbs_credit = 100;

bool is_cbs(link_role role) {
  return role == link_role::cbs_requests || role == link_role::cbs_replies;
}

/// Whether such a link speaks for a device or module.
bool has_identity(link_role role) {
  return !is_cbs(role) && role != link_role::service;
}

/// The end of the link that names what the client wants.
pn_terminus_t* wanted_terminus(pn_link_t* link) {
  return pn_link_is_sender(link) ? pn_link_remote_source(link)
                                 : pn_link_remote_target(link);
}

std::string_view wanted_address(pn_link_t* link) {
  const auto* address = pn_terminus_get_address(wanted_terminus(link));
  return address ? address : "";
}

constexpr int method_answer_credit = 100;

/// Why this node does not serve links with that role; nothing when it does.
std::optional<link_condition> unserved(link_role role,
                                       const session_context& by) {
  const auto absent = [](bool served, const char* what) {
    return served
             ? std::nullopt
             : std::optional{link_condition{condition::not_implemented, what}};
  };
  switch (role) {
  case link_role::devicebound:
    return absent(bool{by.c2d}, "cloud-to-device messages are not served");
  case link_role::twin_requests:
  case link_role::twin_replies:
    return absent(bool{by.twins}, "twins are not served");
  case link_role::method_responses:
  case link_role::method_requests:
    return absent(bool{by.methods}, "direct methods are not served");
  default:
    return std::nullopt;
  }
}

/// How deliveries are settled on a link with that role (edge-hub spec 2.4).
void set_settlement(pn_link_t* link, link_role role) {
  auto sends = PN_SND_UNSETTLED;
  auto receives = PN_RCV_FIRST;
  switch (role) {
  case link_role::twin_replies:
  case link_role::method_requests:
    sends = PN_SND_SETTLED;
    break;
  case link_role::twin_requests:
  case link_role::method_responses: // the client's own choice
    sends = pn_link_remote_snd_settle_mode(link);
    break;
  case link_role::devicebound:
    receives = PN_RCV_SECOND;
    break;
  default:
    break;
  }
  pn_link_set_snd_settle_mode(link, sends);
  pn_link_set_rcv_settle_mode(link, receives);
}

/// The other link of a pair that correlates.
std::optional<link_role> other_of(link_role role) {
  switch (role) {
  case link_role::twin_requests:
    return link_role::twin_replies;
  case link_role::twin_replies:
    return link_role::twin_requests;
  case link_role::method_requests:
    return link_role::method_responses;
  case link_role::method_responses:
    return link_role::method_requests;
  default:
    return std::nullopt;
  }
}

/// What counts of `twin:<guid>`: the part behind the first colon.
std::string correlation_in(pn_data_t* properties) {
  const auto text = text_in(properties, "com.microsoft:channel-correlation-id");
  const auto colon = text.find(':');
  return colon == std::string::npos ? std::string{} : text.substr(colon + 1);
}

void answer(pn_link_t* link, link_role role) {
  pn_terminus_copy(pn_link_source(link), pn_link_remote_source(link));
  pn_terminus_copy(pn_link_target(link), pn_link_remote_target(link));
  set_settlement(link, role);
  const auto told = pn_link_remote_max_message_size(link);
  pn_link_set_max_message_size(link, told == 0 || told > largest_amqp_message
                                       ? largest_amqp_message
                                       : told);
  pn_link_open(link);
}

} // namespace

void amqp_connection::attach(pn_link_t* proton_link) {
  if (links_.size() >= most_links)
    return close_with({condition::limit_exceeded, "too many links"});
  auto& link = links_.emplace_back();
  link.link = proton_link;
  link.place = std::prev(links_.end());
  pn_link_set_context(proton_link, &link);
  if (attach_service(link, wanted_address(proton_link)))
    return;
  const auto purpose
    = purpose_of(wanted_address(proton_link), pn_link_is_sender(proton_link));
  if (!purpose
      || pn_terminus_get_type(wanted_terminus(proton_link)) == PN_COORDINATOR)
    return close(link, {condition::not_found, "there is no such link"});
  link.role = purpose->role;
  link.id = purpose->id;
  if (has_identity(link.role)) {
    index_.add(link);
    use(link);
  }
  link.auth_chain = text_in(pn_link_remote_properties(proton_link),
                            "com.microsoft:auth-chain");
  link.model_id
    = text_in(pn_link_remote_properties(proton_link), "com.microsoft:model-id");
  if (merges_outcomes(text_in(pn_link_remote_properties(proton_link),
                              "com.microsoft:client-version")))
    link.most_unsettled = 1;
  link.correlation = correlation_in(pn_link_remote_properties(proton_link));
  if (const auto why = unserved(link.role, context_))
    return close(link, *why);
  if (!has_identity(link.role))
    return serve(link);
  was_used_ = true;
  if (identities_.admitted(link.id))
    serve(link);
  else
    identities_.admit(link.id, link.auth_chain);
}

/// The verdict about an identity: serve the links that wait for it, or close
/// all that it has.
void amqp_connection::decide(const identity_id& id, const caf::error& why) {
  if (why)
    log::warning("amqp", "an identity was refused",
                 {{"id", to_string(id)},
                  {"peer", peer_->peer().address},
                  {"reason", error_text(why)}});
  const auto& links = index_.of(id);
  for (auto* const link : links) {
    if (why)
      close(*link, joining_failed(why));
    else if (link->is == amqp_link::phase::verifying)
      serve(*link);
  }
  if (!why && links.empty())
    identities_.leave(id);
}

void amqp_connection::serve(amqp_link& link) {
  supersede(link);
  part_from_other(link);
  open(link);
  switch (link.role) {
  case link_role::cbs_requests:
    return pn_link_flow(link.link, cbs_credit);
  case link_role::events:
    link.events.emplace(link.link, link.id, link.model_id,
                        identities_.method_of(link.id));
    return link.events->replenish();
  case link_role::inputs:
    link.inputs.emplace(link.link,
                        input_sender::bounds{context_.limits.outbound_bytes,
                                             link.most_unsettled});
    return granted(link);
  case link_role::twin_requests:
    return pn_link_flow(link.link, twin_credit);
  case link_role::method_responses:
    return pn_link_flow(link.link, method_answer_credit);
  case link_role::twin_replies:
  case link_role::method_requests:
    link.settled = std::make_unique<settled_sender>(link.link);
    return tell_wants(link.id);
  case link_role::devicebound:
    link.commands = std::make_unique<command_sender>(link.link, link.id,
                                                     link.most_unsettled);
    return granted(link);
  case link_role::cbs_replies:
  case link_role::service:
    return;
  }
}

void amqp_connection::open(amqp_link& link) {
  answer(link.link, link.role);
  link.is = amqp_link::phase::serving;
}

/// Both links of a pair come from one attempt of the client: what is left of
/// an earlier one is closed.
void amqp_connection::part_from_other(const amqp_link& link) {
  const auto role = other_of(link.role);
  if (!role)
    return;
  auto* const other = index_.serving(*role, link.id);
  if (other && other->correlation != link.correlation)
    close(*other, {condition::stolen, "the client began anew"});
}

/// At most one link of a kind per identity, and one for tokens and for the
/// answers to them: the new one closes the old.
void amqp_connection::supersede(const amqp_link& by) {
  const auto end = [&](amqp_link& link) {
    if (&link != &by && link.role == by.role
        && link.is == amqp_link::phase::serving)
      close(link, {condition::stolen, "the same link was attached again"});
  };
  if (is_cbs(by.role))
    for (auto& link : links_)
      end(link);
  for (auto* const link : index_.of(by.id))
    end(*link);
}

/// The client gives credit. That it takes inputs, or messages from the cloud,
/// is made known with the first of it.
void amqp_connection::granted(amqp_link& link) {
  if (link.service)
    return link.service->granted();
  if (link.settled)
    return link.settled->pump();
  const bool first = !link.announced && pn_link_credit(link.link) > 0;
  if (link.commands) {
    link.commands->pump();
    if (first) {
      link.announced = true;
      tell_wants(link.id);
    }
    return;
  }
  if (!link.inputs)
    return;
  if (first) {
    link.announced = true;
    caf::anon_send(context_.router,
                   target_ready{to_string(link.id) + '/',
                                caf::actor_cast<caf::actor>(self_),
                                context_.limits.outbound_window});
  }
  pump(link);
}

/// Closes a link from this side; the record stays until the client follows.
void amqp_connection::close(amqp_link& link, const link_condition& why) {
  if (link.is == amqp_link::phase::closed)
    return;
  const bool served = link.is == amqp_link::phase::serving;
  if (!served)
    pn_link_open(link.link);
  link.is = amqp_link::phase::closed;
  disuse(link);
  release(link);
  set(pn_link_condition(link.link), why);
  pn_link_close(link.link);
  if (served)
    return end_when_unused();
  link.refused = true;
  if (++refused_ > most_refused && !closing_)
    let_go("too many links that were refused are not detached");
}

/// Lets go of everything that a link holds elsewhere.
void amqp_connection::release(amqp_link& link) {
  if (link.events)
    pending_.forget(link.link);
  if (std::exchange(link.busy, false))
    std::erase(busy_, &link);
  for (auto& [call, question] : questions_)
    if (question.link == link.link)
      question.link = nullptr;
  link.open_requests = 0;
  link.events.reset();
  link.service.reset();
  if (link.settled || link.commands) {
    tell_wants(link.id);
    link.settled.reset();
    if (const auto commands = std::move(link.commands))
      for (auto& token : commands->give_up())
        pass_on({link.id, std::move(token), c2d_outcome::abandon});
    return;
  }
  link.inputs.reset();
  if (std::exchange(link.announced, false))
    caf::anon_send(context_.router,
                   target_gone{to_string(link.id) + '/',
                               caf::actor_cast<caf::actor>(self_)});
}

void amqp_connection::detached(pn_link_t* link) {
  auto* const known = link_of(link);
  if (!known)
    return;
  pn_link_close(link);
  drop(*known);
  pn_link_free(link);
  end_when_unused();
}

void amqp_connection::ended(pn_session_t* session) {
  for (auto link = links_.begin(); link != links_.end();) {
    auto& at_hand = *link++;
    if (pn_link_session(at_hand.link) == session)
      drop(at_hand);
  }
  pn_session_close(session);
  pn_session_free(session);
  end_when_unused();
}

void amqp_connection::drop(amqp_link& link) {
  link.is = amqp_link::phase::closed;
  disuse(link);
  release(link);
  partial_ -= link.partial;
  if (link.refused)
    --refused_;
  pn_link_set_context(link.link, nullptr);
  index_.remove(link);
  const auto id = link.id;
  const bool had_identity = has_identity(link.role);
  links_.erase(link.place);
  if (had_identity && index_.of(id).empty())
    identities_.leave(id);
}

void amqp_connection::use(amqp_link& link) {
  in_use_ += std::exchange(link.in_use, true) ? 0 : 1;
}

void amqp_connection::disuse(amqp_link& link) {
  in_use_ -= std::exchange(link.in_use, false) ? 1 : 0;
}

/// A connection that has served somebody ends with the last link of anybody
/// (edge-hub spec 2.4); but first its client may end it in its own way: one
/// that is interrupted in that waits for answers that do not come.
void amqp_connection::end_when_unused() {
  if (was_used_ && unused() && !std::exchange(leaving_, true))
    self_->delayed_send(self_, leave_patience, amqp_leave_due{});
}

void amqp_connection::expect_left() {
  leaving_ = false;
  if (!closing_ && unused()) {
    close_connection();
    end_turn();
  }
}

} // namespace tidegate
