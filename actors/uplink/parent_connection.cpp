#include "actors/uplink/parent_connection.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/clients/proton_values.hpp"
#include "actors/uplink/parent_verdict.hpp"
#include "messages/iothub/sas_signature.hpp"

#include <caf/send.hpp>

#include <proton/condition.h>
#include <proton/connection.h>
#include <proton/duration.hpp>
#include <proton/event.h>
#include <proton/link.h>
#include <proton/session.h>
#include <proton/transport.h>

#include <algorithm>

namespace tidegate {

namespace {

using std::chrono::milliseconds;

/// Heartbeat that the parent is asked for (edge-hub spec 6.1).
constexpr std::uint64_t idle_timeout_told = 60'000;
constexpr std::uint32_t largest_frame = 65'536;

proton::connection_options client_options(const uplink_context& context) {
  // The engine tells its peer half of what it waits itself.
  return proton::connection_options{}
    .container_id("tidegate/" + context.device)
    .virtual_host(context.hub_host)
    .max_frame_size(largest_frame)
    .idle_timeout(proton::duration{2 * idle_timeout_told})
    .sasl_allowed_mechs("ANONYMOUS");
}

std::string text_of(pn_condition_t* condition) {
  std::string text;
  if (!pn_condition_is_set(condition))
    return text;
  text = pn_condition_get_name(condition);
  if (const auto* more = pn_condition_get_description(condition))
    text.append(": ").append(more);
  return text;
}

} // namespace

parent_connection::parent_connection(caf::event_based_actor* self,
                                     const uplink_context& context,
                                     transport_ptr peer,
                                     const std::optional<trial_order>& trial)
  : self_{self}, context_{context}, peer_{std::move(peer)},
    engine_{proton_engine::side::connects, client_options(context)},
    session_{pn_session(engine_.connection())}, tokens_{session_}, shared_{},
    watch_{context.options.stall_timeout}, window_{context.options.window},
    opener_{session_, tokens_, context}, dialog_{self, context, opener_} {
  shared_.meters = context_.meters.get();
  if (trial)
    trial_.emplace(*trial);
  pn_session_open(session_);
  renew_token();
  end_turn();
  tick();
}

identity_id parent_connection::own_id() const {
  return {context_.device, "$edgeHub"};
}

parent_connection::clock::time_point parent_connection::now() const {
  return self_->clock().now();
}

void parent_connection::receive(const bytes& data) {
  for (auto rest = data.view; !rest.empty();) {
    rest = engine_.feed(rest);
    handle_events();
  }
  peer_->give_back(data.size());
  end_turn();
}

void parent_connection::give(const deliver& what) {
  for (const auto& item : what.items) {
    watch_.sent(item.to - item.from, now());
    if (!trial_)
      take(what.route, item);
    else
      for (const auto& [route, records] : trial_->take(what.route, item))
        take(route, records);
  }
  window_.saw(what);
  announce();
  end_turn();
}

void parent_connection::announce() {
  if (!ready_ || !backlog_taken_)
    return;
  if (const auto window = window_.news())
    caf::anon_send(
      context_.router,
      target_ready{"iothub", caf::actor_cast<caf::actor>(self_), *window});
}

void parent_connection::tick() {
  const auto at
    = std::chrono::duration_cast<milliseconds>(now().time_since_epoch());
  if (const auto next = engine_.tick(at))
    self_->delayed_send(self_, std::max(*next - at, milliseconds{100}),
                        amqp_tick{});
  end_turn();
}

void parent_connection::look_around() {
  const bool waits = !trial_ || !nothing_is_on_its_way();
  if (waits && watch_.stalled(now()))
    fail("the parent has acknowledged nothing for "
         + std::to_string(context_.options.stall_timeout.count()) + " ms");
  close_idle_links();
  forget_idle_senders();
  release_held();
  take_turns();
  tell_waiting();
  opener_.guests().renew();
  dialog_.look_around();
  if (ready_ && !backlog_taken_ && now() >= backlog_due_)
    take_backlog();
  end_turn();
}

void parent_connection::renew_token() {
  using namespace std::chrono;
  const auto hub = own_id();
  const auto resource = sas_resource(context_.hub_host, hub);
  const auto expiry = std::to_string(
    duration_cast<seconds>(
      (context_.now() + context_.options.token_lifetime).time_since_epoch())
      .count());
  const auto signature = context_.sign(string_to_sign(resource, expiry));
  if (!signature)
    return fail("no token can be signed now");
  tokens_.show(context_.hub_host, hub,
               format_sas_token(resource, *signature, expiry),
               [this](int status, const std::string& why) {
                 token_answered(status, why);
               });
}

void parent_connection::token_answered(int status, const std::string& why) {
  // IoT Hub says 200 or 202.
  if (status / 100 != 2)
    return fail("the parent refused the token: " + std::to_string(status) + ' '
                + why);
  // A hub keeps a token unseen until a link opens (edge-hub spec 2.3): the
  // node's own link shows whether it was good, and keeps the connection open.
  if (!own_)
    open_own_link();
}

/// Subscriptions, reported and desired properties come first, then what waits
/// of telemetry (design section 6).
void parent_connection::became_ready() {
  ready_ = true;
  dialog_.start();
  backlog_due_ = now() + context_.options.catch_up_patience;
  if (!context_.twins)
    take_backlog();
}

void parent_connection::take_backlog() {
  backlog_taken_ = true;
  announce();
}

void parent_connection::fail(std::string why) {
  if (!failure_)
    failure_ = std::move(why);
}

void parent_connection::ended_by_parent(std::string why) {
  failed_by_parent_ = !failure_;
  fail(std::move(why));
}

void parent_connection::end_turn() {
  handle_events();
  do {
    go_on_with_trial();
    dialog_.pump();
    pump();
    end_failed_links();
    if (auto output = engine_.take_output(); !output.empty())
      peer_->write(own(std::move(output)));
    else
      break;
    handle_events();
  } while (!failure_);
  if (const auto total = shared_.answers.total(); total != answered_seen_) {
    acknowledged_ = now();
    watch_.answered(total - answered_seen_, acknowledged_);
    answered_seen_ = total;
  }
  tell_kept_back();
  shared_.answers.send();
}

void parent_connection::handle_events() {
  while (auto* const event = engine_.next_event())
    handle(event);
}

/// The parent has closed a link, or follows in closing it.
void parent_connection::ended(pn_link_t* link) {
  if (auto* const user = user_of(link)) {
    const auto* condition
      = pn_condition_get_name(pn_link_remote_condition(link));
    failed_over_ = failed_over_ || says_failed_over(condition ? condition : "");
    opener_.guests().ended(link, condition ? condition : "");
    user->ended(link, condition ? condition : "");
    pn_link_close(link);
  }
  pn_link_free(link);
}

/// Links whose clients have no token that the parent takes.
void parent_connection::end_failed_links() {
  while (const auto failed = opener_.guests().take_failed()) {
    user_of(failed->link)->ended(failed->link, failed->condition);
    pn_link_free(failed->link);
  }
}

void parent_connection::handle(pn_event_t* event) {
  auto* const link = pn_event_link(event);
  switch (pn_event_type(event)) {
  case PN_CONNECTION_REMOTE_OPEN:
    takes_batches_
      = context_.options.batches
        && names_capability(
          pn_connection_remote_offered_capabilities(engine_.connection()),
          batch_capability);
    shared_.batches = takes_batches_ && !trial_;
    return;
  case PN_CONNECTION_REMOTE_CLOSE:
    return ended_by_parent(
      "the parent closed the connection "
      + text_of(pn_connection_remote_condition(engine_.connection())));
  case PN_SESSION_REMOTE_CLOSE:
    return ended_by_parent("the parent ended the session "
                           + text_of(pn_session_remote_condition(session_)));
  case PN_TRANSPORT_ERROR:
    return ended_by_parent(
      "the connection broke "
      + text_of(pn_transport_condition(engine_.transport())));
  case PN_LINK_REMOTE_OPEN:
    if (tokens_.owns(link))
      return;
    opener_.opened();
    if (auto* const user = user_of(link))
      user->flowed(link);
    return;
  case PN_LINK_REMOTE_DETACH:
  case PN_LINK_REMOTE_CLOSE:
    if (tokens_.owns(link))
      return fail("the parent takes no tokens "
                  + text_of(pn_link_remote_condition(link)));
    return ended(link);
  case PN_LINK_FLOW:
    if (tokens_.owns(link))
      tokens_.flowed();
    else if (auto* const user = user_of(link))
      user->flowed(link);
    return;
  case PN_DELIVERY:
    if (tokens_.owns(link)) {
      if (!tokens_.arrived(pn_event_delivery(event)))
        fail("the parent's answer to a token is damaged");
      return;
    }
    if (auto* const user = user_of(link))
      user->arrived(pn_event_delivery(event));
    return;
  default:
    return;
  }
}

} // namespace tidegate
