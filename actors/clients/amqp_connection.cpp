#include "actors/clients/amqp_connection.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/clients/proton_values.hpp"
#include "actors/log.hpp"

#include <proton/codec.h>
#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/duration.hpp>
#include <proton/event.h>
#include <proton/link.h>
#include <proton/session.h>
#include <proton/transport.h>

#include <random>

namespace tidegate {

namespace {

using std::chrono::milliseconds;

// Edge-hub spec 2.1.
constexpr std::uint32_t largest_frame = 65'536;
constexpr std::uint64_t idle_timeout_told = 240'000;
constexpr pn_millis_t shortest_idle_timeout = 5'000;
constexpr milliseconds heartbeat_unasked{105'000}; // 7/8 of 120 s

/// Sessions on one connection: the Azure SDK for .NET opens one for each of
/// its clients, up to 995.
constexpr std::uint16_t most_sessions = 1000;

/// Bytes of incomplete transfers on all links together.
constexpr std::size_t most_partial = 4u << 20;

/// How long a client whose transfer was refused may take to give its credit
/// back. Some never do; their link is closed, which shows them as well.
constexpr auto drain_patience = std::chrono::seconds{5};

/// `DeviceGateway_` and 32 hexadecimal digits; one per process.
const std::string& container_id() {
  static const auto id = [] {
    constexpr char digits[] = "0123456789abcdef";
    std::random_device source;
    std::string text = "DeviceGateway_";
    for (int i = 0; i < 32; ++i)
      text += digits[source() % 16];
    return text;
  }();
  return id;
}

/// The module whose input `sink` is: `edge-1/filter/in1`.
identity_id module_of(std::string_view sink) {
  const auto first = sink.find('/');
  const auto second = first == sink.npos ? first : sink.find('/', first + 1);
  if (second == sink.npos)
    return {};
  return {std::string{sink.substr(0, first)},
          std::string{sink.substr(first + 1, second - first - 1)}};
}

proton::connection_options server_options() {
  // The engine tells its peer half of what it waits itself.
  return proton::connection_options{}
    .container_id(container_id())
    .max_frame_size(largest_frame)
    .max_sessions(most_sessions)
    .idle_timeout(proton::duration{2 * idle_timeout_told});
}

} // namespace

amqp_link* link_of(pn_link_t* link) {
  return static_cast<amqp_link*>(pn_link_get_context(link));
}

amqp_connection::amqp_connection(caf::event_based_actor* self,
                                 session_context_ptr context,
                                 transport_ptr peer)
  : self_{self}, shared_context_{std::move(context)}, peer_{std::move(peer)},
    engine_{proton_engine::side::accepts, server_options()},
    identities_{self, context_, peer_->peer(),
                [this](const identity_id& id, const caf::error& why) {
                  if (!why)
                    introduce();
                  decide(id, why);
                  end_turn();
                }},
    ingress_{shared_context_, caf::actor_cast<caf::actor>(self)} {
  sasl_.install(engine_.transport(), peer_->peer().shows_certificate());
  start_services();
}

void amqp_connection::stored(const append_done& answer) {
  ingress_.done(answer);
  settle_decided(); // before more is taken: it may have to be refused
  end_turn();
}

void amqp_connection::give(const deliver& what) {
  auto* const link = index_.serving(link_role::inputs, module_of(what.sink));
  if (!link)
    return;
  link->inputs->take(what);
  pump(*link);
  end_turn();
}

/// Sends inputs; from the first one on, somebody looks whether the client
/// settles them.
void amqp_connection::pump(amqp_link& link) {
  link.inputs->pump(self_->clock().now());
  if (link.inputs->waits_since() && !std::exchange(expecting_, true))
    self_->delayed_send(self_, context_.limits.acknowledgement,
                        amqp_settle_due{});
}

void amqp_connection::expect_settled() {
  expecting_ = false;
  const auto now = self_->clock().now();
  for (auto& link : links_) {
    if (!link.inputs)
      continue;
    const auto since = link.inputs->waits_since();
    if (since && now - *since >= context_.limits.acknowledgement) {
      log::info("amqp", "a module settles nothing; its messages are sent again",
                {{"id", to_string(link.id)}});
      link.inputs->take_back(answers_);
    }
    pump(link);
  }
  end_turn();
}

void amqp_connection::give_up(const replaced& what) {
  identities_.forget(what.id);
  for (auto* const link : index_.of(what.id))
    close(*link, {condition::detach_forced, what.reason});
  end_turn();
}

void amqp_connection::stop() {
  close_with({condition::detach_forced, "Server busy, please retry operation"});
  end_turn();
}

void amqp_connection::tick() {
  const auto now = std::chrono::duration_cast<milliseconds>(
    self_->clock().now().time_since_epoch());
  auto next = engine_.tick(now).value_or(now + heartbeat_unasked);
  if (pn_transport_get_remote_idle_timeout(engine_.transport()) == 0) {
    if (now - last_written_ >= heartbeat_unasked) {
      static constexpr char empty_frame[] = {0, 0, 0, 8, 2, 0, 0, 0};
      peer_->write(own(std::string{empty_frame, sizeof empty_frame}));
      last_written_ = now;
    }
    next = std::min(next, last_written_ + heartbeat_unasked);
  }
  if (!closing_)
    self_->delayed_send(self_, std::max(next - now, milliseconds{100}),
                        amqp_tick{});
  end_turn();
}

/// Everything that the events of this turn have led to goes out.
void amqp_connection::end_turn() {
  handle_events();
  take_in();
  ingress_.flush();
  settle_decided();
  replenish();
  send_replies();
  answers_.send();
  write_output();
  resume_refused();
  if (held_back_ > 0 && unheard_.empty()
      && ingress_.undecided_bytes() <= context_.limits.unacknowledged_bytes)
    peer_->give_back(std::exchange(held_back_, 0));
  if (closing_ || engine_.finished())
    peer_->close();
}

void amqp_connection::settle_decided() {
  while (auto decided = ingress_.next_decision())
    for (auto* const refused : pending_.settle(*decided)) {
      auto& events = link_of(refused)->events;
      events->refuse(storing_failed(decided->error), self_->clock().now());
      if (!std::exchange(draining_, true))
        self_->delayed_send(self_, drain_patience, amqp_drain_due{});
    }
}

/// Gives credit on links that take events; those with nothing to be decided
/// have all of it.
void amqp_connection::replenish() {
  for (auto* const link : busy_)
    link->events->replenish();
  std::erase_if(busy_, [](amqp_link* link) {
    link->busy = link->events->refusing() || pn_link_unsettled(link->link) > 0;
    return !link->busy;
  });
}

/// New credit is given in a turn of its own: Proton would write it in front of
/// the rejections, which the client must see first.
void amqp_connection::resume_refused() {
  bool resumed = false;
  for (auto* const link : busy_)
    resumed = link->events->resume() || resumed;
  if (resumed)
    write_output();
}

void amqp_connection::expect_drained() {
  draining_ = false;
  const auto now = self_->clock().now();
  const auto busy = busy_; // closing changes it
  for (auto* const link : busy) {
    if (!link->events->refusing())
      continue;
    const auto refusal = *link->events->refusing();
    if (now - refusal.since >= drain_patience)
      close(*link, refusal.why);
    else if (!std::exchange(draining_, true))
      self_->delayed_send(self_, drain_patience, amqp_drain_due{});
  }
  end_turn();
}

void amqp_connection::write_output() {
  // Encoding frames makes events, which may make frames.
  for (auto output = engine_.take_output(); !output.empty();
       output = engine_.take_output()) {
    peer_->write(own(std::move(output)));
    last_written_ = std::chrono::duration_cast<milliseconds>(
      self_->clock().now().time_since_epoch());
    handle_events();
  }
}

void amqp_connection::handle_events() {
  while (auto* const event = engine_.next_event())
    handle(event);
}

void amqp_connection::handle(pn_event_t* event) {
  switch (pn_event_type(event)) {
  case PN_CONNECTION_REMOTE_OPEN:
    return opened();
  case PN_CONNECTION_REMOTE_CLOSE:
    pn_connection_close(engine_.connection());
    closing_ = true;
    return;
  case PN_SESSION_REMOTE_OPEN:
    return pn_session_open(pn_event_session(event));
  case PN_SESSION_REMOTE_CLOSE:
    return ended(pn_event_session(event));
  case PN_LINK_REMOTE_OPEN:
    return attach(pn_event_link(event));
  case PN_LINK_REMOTE_DETACH:
  case PN_LINK_REMOTE_CLOSE:
    return detached(pn_event_link(event));
  case PN_LINK_FLOW:
    if (auto* const link = link_of(pn_event_link(event)))
      granted(*link);
    return;
  case PN_DELIVERY:
    return arrived(pn_event_delivery(event));
  case PN_TRANSPORT_ERROR:
    closing_ = true;
    return;
  default:
    return;
  }
}

void amqp_connection::opened() {
  const auto told = pn_transport_get_remote_idle_timeout(engine_.transport());
  pn_data_put_symbol(
    pn_connection_offered_capabilities(engine_.connection()),
    pn_bytes(batch_capability.size(), batch_capability.data()));
  pn_connection_open(engine_.connection());
  if (told > 0 && told < shortest_idle_timeout)
    return close_with(
      {condition::not_allowed, "the idle time-out is shorter than 5000 ms"});
  self_->send(self_, amqp_tick{});
}

void amqp_connection::close_with(const link_condition& why) {
  set(pn_connection_condition(engine_.connection()), why);
  pn_connection_open(engine_.connection());
  close_connection();
}

/// Sessions are ended first: a client of the Azure SDK for Node.js that is only
/// told of the connection's end tries to detach its links in good order, and
/// waits 45 s for answers that do not come before it connects again.
void amqp_connection::close_connection() {
  auto* const connection = engine_.connection();
  for (auto* session = pn_session_head(connection, PN_LOCAL_ACTIVE); session;
       session = pn_session_next(session, PN_LOCAL_ACTIVE))
    pn_session_close(session);
  pn_connection_close(connection);
  closing_ = true;
}

void amqp_connection::arrived(pn_delivery_t* delivery) {
  auto* const link = link_of(pn_delivery_link(delivery));
  if (!link)
    return;
  if (link->inputs) {
    link->inputs->decided(delivery, answers_);
    return pump(*link);
  }
  if (link->service && pn_link_is_sender(link->link))
    return link->service->decided(delivery);
  if (link->commands) {
    if (auto outcome = link->commands->decided(delivery))
      pass_on(std::move(*outcome));
    return link->commands->pump();
  }
  if (link->events && !std::exchange(link->busy, true))
    busy_.push_back(link);
  if (pn_delivery_aborted(delivery)) {
    partial_ -= std::exchange(link->partial, 0);
    return pn_delivery_settle(delivery);
  }
  if (!pn_delivery_readable(delivery))
    return;
  grew(*link, delivery);
  if (!pn_delivery_partial(delivery))
    take(*link, delivery);
}

/// Keeps count of what lies in the engine and is no message yet.
void amqp_connection::grew(amqp_link& link, pn_delivery_t* delivery) {
  const auto size = pn_delivery_pending(delivery);
  partial_ += size - link.partial;
  link.partial = size;
  if (size > largest_amqp_message && link.is == amqp_link::phase::serving)
    close(link, {condition::message_too_large,
                 "the transfer is larger than 1048576 bytes"});
  else if (partial_ > most_partial)
    close_with(
      {condition::limit_exceeded, "too many incomplete transfers at once"});
}

void amqp_connection::take(amqp_link& link, pn_delivery_t* delivery) {
  partial_ -= std::exchange(link.partial, 0);
  const auto size = pn_delivery_pending(delivery);
  const auto encoded
    = arena_.take(size, [&](char* at) { pn_link_recv(link.link, at, size); });
  pn_link_advance(link.link);
  if (link.is != amqp_link::phase::serving)
    return reject(delivery, {condition::not_allowed, "the link is closed"});
  if (link.role == link_role::cbs_requests)
    return take_request(delivery, encoded);
  if (link.role == link_role::twin_requests)
    return take_twin_request(link, delivery, encoded);
  if (link.role == link_role::method_responses)
    return take_method_answer(link, delivery, encoded);
  if (link.service)
    return link.service->take(delivery, encoded);
  if (!link.events)
    return;
  if (pn_link_unsettled(link.link) > 2 * events_receiver::credit)
    return close(link, {condition::limit_exceeded,
                        "more transfers than there was credit for"});
  if (const auto& refusal = link.events->refusing())
    return reject(delivery, refusal->why);
  if (const auto wrong
      = link.events->take(encoded, ingress_, pending_.next_ticket())) {
    log::info("amqp", "a message was rejected",
              {{"id", to_string(link.id)}, {"reason", wrong->description}});
    return reject(delivery, *wrong);
  }
  pending_.add(delivery);
}

} // namespace tidegate
