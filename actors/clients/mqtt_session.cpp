#include "actors/clients/mqtt_session.hpp"

#include "actors/clients/keep_alive.hpp"
#include "actors/clients/mqtt_connect.hpp"
#include "actors/clients/refused_counter.hpp"
#include "actors/clients/thrown.hpp"
#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/mqtt/encode.hpp"
#include "messages/mqtt/frame.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

/// A session to itself: time to look at the clock.
struct look_at_clock {};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::look_at_clock)

namespace tidegate {

namespace {

using self_pointer = caf::stateful_actor<mqtt_session_state>*;
using phase = mqtt_session_state::phase;

/// Longest time between two looks at the clock.
constexpr std::chrono::seconds longest_nap{15};
/// The authority may have to be asked first (edge-hub spec 3.4).
constexpr std::chrono::seconds authentication_timeout{130};
constexpr std::chrono::seconds registry_timeout{10};
/// Credentials are judged again this often (edge-hub spec 3.6).
constexpr std::chrono::minutes verification_period{5};
/// How long a connection that is being closed waits for the transport and the
/// store.
constexpr std::chrono::seconds closing_timeout{60};

caf::actor handle_of(self_pointer self) {
  return caf::actor_cast<caf::actor>(self);
}

std::string name_of(const mqtt_session_state& state) {
  return state.client ? to_string(state.client->id())
                      : state.connection->peer().address;
}

void quit_if_over(self_pointer self) {
  auto& state = self->state;
  if (state.gone && (!state.client || state.client->idle()))
    self->quit();
}

void end(self_pointer self, const std::string& reason) {
  auto& state = self->state;
  if (state.at == phase::closing)
    return;
  if (!reason.empty())
    log::info("mqtt", "connection closed",
              {{"client", name_of(state)}, {"why", reason}});
  const auto was = state.at;
  state.at = phase::closing;
  state.ended = self->clock().now();
  state.queued.clear();
  if (was == phase::connected) {
    state.client->leave();
    caf::anon_send(state.context->clients,
                   client_leave{state.client->id(), handle_of(self)});
  }
  state.connection->close();
  quit_if_over(self);
}

/// A refusal that the authenticator, which counts its own, never hears of.
void count_stranger(const mqtt_session_state& state) {
  state.context->meters
    ->counter("edgehub_client_connect_failed_total",
              "Client connections that were refused.",
              {{"id", "unknown"},
               {"reason", "not_authenticated"},
               {"ms_telemetry", "True"}})
    .Increment();
}

void refuse(self_pointer self, mqtt::connect_code code,
            const std::string& why) {
  std::string answer;
  encode(answer, mqtt::connack{false, code});
  self->state.connection->write(own(std::move(answer)));
  end(self, "CONNECT refused: " + why);
}

/// A packet that is larger than any may be ends the connection before it is
/// here.
void count_too_large(const mqtt_session_state& state, std::string_view reason) {
  if (state.client && reason.ends_with(mqtt::packet_too_large))
    count_refused(*state.context->meters, state.client->id(),
                  name_of(message_fault::too_large));
}

void take_packets(self_pointer self, const bytes& packets) {
  auto& state = self->state;
  if (!state.client->take(packets, self->clock().now()))
    end(self, state.client->fault());
}

/// The identity is registered: the session begins, with what is queued.
void welcome(self_pointer self) {
  auto& state = self->state;
  if (state.at != phase::authenticating)
    return;
  state.at = phase::connected;
  state.connection->introduced();
  state.heard = self->clock().now();
  state.client->welcome();
  for (const auto& packets : std::exchange(state.queued, {}))
    if (state.at == phase::connected)
      take_packets(self, packets);
}

/// Asks whether the client would still be let in.
void verify(self_pointer self) {
  auto& state = self->state;
  if (state.at != phase::connected)
    return;
  state.verified = self->clock().now();
  state.credentials.again = true;
  self
    ->request(state.context->authenticator, authentication_timeout,
              state.credentials)
    .then([](const authenticated&) {},
          [self](const caf::error& error) {
            // Who cannot be judged right now was good enough before.
            const bool turned_away
              = error == ec::unauthorized || error == ec::not_found;
            if (turned_away && self->state.at == phase::connected)
              end(self, "no longer let in: " + error_text(error));
          });
}

void join(self_pointer self) {
  auto& state = self->state;
  const client_join wish{state.client->id(), handle_of(self), "mqtt",
                         state.connection->peer().address, state.verified};
  self->request(state.context->clients, registry_timeout, wish)
    .then(
      [self](const client_joined& now) {
        welcome(self);
        if (now.again)
          verify(self);
      },
      [self](const caf::error& error) {
        if (self->state.at == phase::authenticating)
          refuse(self, mqtt::connect_code::server_unavailable,
                 error_text(error));
      });
}

void authenticate_client(self_pointer self) {
  self->state.verified = self->clock().now();
  self
    ->request(self->state.context->authenticator, authentication_timeout,
              self->state.credentials)
    .then(
      [self](const authenticated& in) {
        if (self->state.at != phase::authenticating)
          return;
        self->state.client->let_in_by(in.method);
        join(self);
      },
      [self](const caf::error& error) {
        if (self->state.at != phase::authenticating)
          return;
        refuse(self,
               error == ec::unauthorized || error == ec::not_found
                 ? mqtt::connect_code::not_authorized
                 : mqtt::connect_code::server_unavailable,
               error_text(error));
      });
}

mqtt_wishes wishes_of(const mqtt::connect& packet, const user_name& who) {
  mqtt_wishes wishes{{who.id, who.model_id}, packet.clean_session, {}};
  if (const auto& will = packet.last_will)
    wishes.last_will = {std::string{will->topic},
                        own(std::string{will->payload}), will->retain};
  return wishes;
}

/// Bytes that have to wait for the client to be let in.
void queue(self_pointer self, const bytes& packets) {
  if (self->state.connection->charge(packets.size()))
    self->state.queued.push_back(packets);
  else
    end(self, "too much was sent before the client was let in");
}

/// The first bytes of a connection, which must be a CONNECT and may be more.
void take_connect(self_pointer self, const bytes& data) {
  auto& state = self->state;
  mqtt::packet_cursor cursor{data.view};
  mqtt::raw_packet raw;
  if (!cursor.next(raw) || raw.type != mqtt::packet_type::connect)
    return end(self, "first packet is not CONNECT");
  const auto decoded = mqtt::decode_connect(raw);
  if (!decoded)
    return end(self, std::string{decoded.why});
  const auto& peer = state.connection->peer();
  auto claim = read_claim(decoded.packet, peer.shows_certificate());
  if (claim.code != mqtt::connect_code::accepted) {
    if (claim.code == mqtt::connect_code::not_authorized)
      count_stranger(state);
    return refuse(self, claim.code, std::string{claim.why});
  }
  state.credentials
    = {claim.who.id, std::move(claim.token), claim.who.auth_chain.value_or("")};
  if (state.credentials.token.empty()) {
    state.credentials.certificate = peer.certificate;
    state.credentials.vouched = peer.vouched;
  }
  state.silence = silence_allowed(decoded.packet.keep_alive,
                                  state.context->limits.longest_keep_alive);
  state.client
    = std::make_unique<mqtt_client>(state.context, state.connection, self,
                                    wishes_of(decoded.packet, claim.who));
  state.at = phase::authenticating;
  const auto used = static_cast<std::size_t>(raw.body.data() + raw.body.size()
                                             - data.view.data());
  state.connection->give_back(used);
  if (used < data.size())
    queue(self, data.slice(used, data.size() - used));
  if (state.at == phase::authenticating)
    authenticate_client(self);
}

void take_bytes(self_pointer self, const bytes& data) {
  auto& state = self->state;
  switch (state.at) {
  case phase::arriving:
    return take_connect(self, data);
  case phase::authenticating:
    return queue(self, data);
  case phase::connected:
    state.heard = self->clock().now();
    return take_packets(self, data);
  case phase::closing:
    return state.connection->give_back(data.size());
  }
}

/// After something that was waited for has ended.
void go_on(self_pointer self, bool connected) {
  if (!connected)
    end(self, self->state.client->fault());
  if (self->state.at == phase::closing)
    quit_if_over(self);
}

/// Something for the client. While the connection ends, whoever sent it hears
/// of that.
template <class Message>
void hand_over(self_pointer self, const Message& message) {
  if (self->state.at != phase::connected)
    return;
  self->state.heard = self->clock().now();
  self->state.client->take(message);
}

/// How long the session may go on as it is; zero or less when it may not.
caf::actor_clock::duration_type time_left(self_pointer self) {
  const auto& state = self->state;
  const auto now = self->clock().now();
  if (state.at == phase::connected)
    return state.heard + state.silence - now;
  if (state.at == phase::closing)
    return state.ended + closing_timeout - now;
  return state.heard + state.context->limits.connect_arrival - now;
}

void look(self_pointer self) {
  auto& state = self->state;
  if (state.at == phase::connected) {
    if (self->clock().now() - state.verified >= verification_period)
      verify(self);
    state.client->watch(self->clock().now());
    // While the store is slow the client is not read, so its silence is ours.
    if (!state.client->idle())
      state.heard = self->clock().now();
  }
  auto left = time_left(self);
  if (left.count() <= 0) {
    if (state.at == phase::closing)
      return self->quit();
    if (state.at == phase::authenticating)
      refuse(self, mqtt::connect_code::server_unavailable,
             "nobody could say in time whether it may be let in");
    end(self, state.at == phase::arriving
                ? "no CONNECT arrived in time"
                : "keep-alive ran out: nothing was heard of the client");
    left = longest_nap;
  }
  self->delayed_send(self, std::min<caf::timespan>(left, longest_nap),
                     look_at_clock{});
}

} // namespace

mqtt_session_state::~mqtt_session_state() {
  if (connection && at != phase::closing)
    connection->close();
}

caf::behavior mqtt_session(caf::stateful_actor<mqtt_session_state>* self,
                           transport_ptr connection,
                           session_context_ptr context) {
  auto& state = self->state;
  state.connection = std::move(connection);
  state.context = std::move(context);
  state.heard = self->clock().now();
  self->set_exception_handler(
    [](std::exception_ptr& thrown) { return log_thrown("mqtt", thrown); });
  look(self);
  return {
    [self](const received& news) { take_bytes(self, news.data); },
    [self](const append_done& answer) {
      go_on(self, self->state.client->take(answer));
    },
    [self](const twin_answered& answer) {
      go_on(self, self->state.client->take(answer));
    },
    [self](const deliver_c2d& wish) { hand_over(self, wish); },
    [self](const method_request& call) { hand_over(self, call); },
    [self](const desired_changed& news) { hand_over(self, news); },
    [self](const deliver& wish) {
      if (self->state.at != phase::connected)
        return;
      const auto now = self->clock().now();
      self->state.heard = now;
      self->state.client->take(wish, now);
    },
    [self](const drained& news) {
      if (self->state.at == phase::connected)
        self->state.client->take(news);
    },
    [self](const replaced& news) { end(self, news.reason); },
    [self](verify_again) { verify(self); },
    [self](const closed& news) {
      self->state.gone = true;
      count_too_large(self->state, news.reason);
      end(self, news.reason);
      quit_if_over(self);
    },
    [self](look_at_clock) { look(self); },
  };
}

} // namespace tidegate
