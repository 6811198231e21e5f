#include "actors/uplink/parent_connection.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/clients/proton_values.hpp"
#include "messages/amqp/cbs.hpp"
#include "messages/iothub/sas_signature.hpp"

#include <caf/send.hpp>

#include <proton/condition.h>
#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/duration.hpp>
#include <proton/event.h>
#include <proton/link.h>
#include <proton/session.h>
#include <proton/terminus.h>
#include <proton/transport.h>

#include <algorithm>

namespace tidegate {

namespace {

using std::chrono::milliseconds;

/// Heartbeat that the parent is asked for (edge-hub spec 6.1).
constexpr std::uint64_t idle_timeout_told = 60'000;
constexpr std::uint32_t largest_frame = 65'536;
constexpr int reply_credit = 10;

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
                                     transport_ptr peer)
  : self_{self}, context_{context}, peer_{std::move(peer)},
    engine_{proton_engine::side::connects, client_options(context)},
    session_{pn_session(engine_.connection())}, shared_{},
    watch_{context.options.stall_timeout}, window_{context.options.window},
    opener_{session_, context}, dialog_{self, context, opener_} {
  pn_session_open(session_);
  token_sender_ = pn_sender(session_, "token-requests");
  pn_terminus_set_address(pn_link_target(token_sender_), "$cbs");
  pn_link_open(token_sender_);
  token_replies_ = pn_receiver(session_, "token-replies");
  pn_terminus_set_address(pn_link_source(token_replies_), "$cbs");
  pn_link_open(token_replies_);
  pn_link_flow(token_replies_, reply_credit);
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
    take(what.route, item);
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
  if (watch_.stalled(now()))
    fail("the parent has acknowledged nothing for "
         + std::to_string(context_.options.stall_timeout.count()) + " ms");
  close_idle_links();
  forget_idle_senders();
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
  token_request_ = "token-" + std::to_string(next_name_++);
  const auto encoded = amqp::write_put_token(
    token_request_,
    context_.hub_host + "/devices/" + hub.device + "/modules/" + hub.module,
    format_sas_token(resource, *signature, expiry));
  auto* const sent = pn_delivery(
    token_sender_, pn_dtag(token_request_.data(), token_request_.size()));
  pn_link_send(token_sender_, encoded.data(), encoded.size());
  pn_link_advance(token_sender_);
  pn_delivery_settle(sent);
}

void parent_connection::take_reply(pn_delivery_t* delivery) {
  if (!pn_delivery_readable(delivery) || pn_delivery_partial(delivery))
    return;
  std::string encoded(pn_delivery_pending(delivery), '\0');
  pn_link_recv(token_replies_, encoded.data(), encoded.size());
  pn_link_advance(token_replies_);
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
  pn_link_flow(token_replies_, 1);
  amqp::message_sections sections;
  std::string why;
  if (!amqp::split_sections(encoded, sections, why))
    return fail("the parent's answer to the token is damaged: " + why);
  const auto reply = amqp::read_cbs_reply(sections);
  if (!reply || reply->correlation_id != token_request_)
    return;
  token_request_.clear();
  // IoT Hub says 200 or 202.
  if (reply->status / 100 != 2)
    return fail("the parent refused the token: " + std::to_string(reply->status)
                + ' ' + reply->description);
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

void parent_connection::end_turn() {
  handle_events();
  do {
    dialog_.pump();
    pump();
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
    user->ended(link, condition ? condition : "");
    pn_link_close(link);
  }
  pn_link_free(link);
}

void parent_connection::handle(pn_event_t* event) {
  auto* const link = pn_event_link(event);
  switch (pn_event_type(event)) {
  case PN_CONNECTION_REMOTE_OPEN:
    shared_.batches
      = context_.options.batches
        && names_capability(
          pn_connection_remote_offered_capabilities(engine_.connection()),
          batch_capability);
    return;
  case PN_CONNECTION_REMOTE_CLOSE:
    return fail(
      "the parent closed the connection "
      + text_of(pn_connection_remote_condition(engine_.connection())));
  case PN_SESSION_REMOTE_CLOSE:
    return fail("the parent ended the session "
                + text_of(pn_session_remote_condition(session_)));
  case PN_TRANSPORT_ERROR:
    return fail("the connection broke "
                + text_of(pn_transport_condition(engine_.transport())));
  case PN_LINK_REMOTE_OPEN:
    if (link == token_sender_ || link == token_replies_)
      return;
    opener_.opened();
    if (auto* const user = user_of(link))
      user->flowed(link);
    return;
  case PN_LINK_REMOTE_DETACH:
  case PN_LINK_REMOTE_CLOSE:
    if (link == token_sender_ || link == token_replies_)
      return fail("the parent takes no tokens "
                  + text_of(pn_link_remote_condition(link)));
    return ended(link);
  case PN_LINK_FLOW:
    if (link == token_sender_ && !ready_ && token_request_.empty()
        && pn_link_credit(link) > 0)
      renew_token();
    else if (auto* const user = user_of(link))
      user->flowed(link);
    return;
  case PN_DELIVERY:
    if (link == token_replies_)
      return take_reply(pn_event_delivery(event));
    if (auto* const user = user_of(link))
      user->arrived(pn_event_delivery(event));
    return;
  default:
    return;
  }
}

} // namespace tidegate
