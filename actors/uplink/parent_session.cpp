#include "actors/uplink/parent_session.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/uplink/parent_connection.hpp"
#include "messages/ec.hpp"

#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

namespace tidegate {

namespace {

using self_pointer = caf::stateful_actor<parent_session_state>*;

constexpr auto look_period = std::chrono::seconds{1};

/// Says goodbye to whoever counts on this session, then ends.
void end(self_pointer self, caf::error why, bool by_parent = false) {
  auto& state = self->state;
  if (const auto uplink = caf::actor_cast<caf::actor>(state.uplink);
      uplink && state.connection)
    caf::anon_send(uplink, session_left{caf::actor_cast<caf::actor>(self),
                                        state.connection->end_of(by_parent)});
  if (state.reached)
    caf::anon_send(state.context.router,
                   target_gone{"iothub", caf::actor_cast<caf::actor>(self)});
  if (state.transport)
    state.transport->close();
  self->quit(std::move(why));
}

void end(self_pointer self, const std::string& why, bool by_parent = false) {
  end(self, caf::make_error(ec::unavailable, why), by_parent);
}

/// After each turn of the connection: has something changed?
void after_turn(self_pointer self) {
  auto& state = self->state;
  if (const auto& failure = state.connection->failure())
    return end(self, *failure, state.connection->failed_by_parent());
  if (const auto given_up = state.connection->take_trial_over())
    if (const auto uplink = caf::actor_cast<caf::actor>(state.uplink))
      caf::anon_send(uplink,
                     trial_over{caf::actor_cast<caf::actor>(self), *given_up});
  if (state.reached || !state.connection->ready())
    return;
  state.reached = true;
  const auto& options = state.context.options;
  self->delayed_send(self, options.token_lifetime - options.token_margin,
                     renew_due{});
  if (const auto uplink = caf::actor_cast<caf::actor>(state.uplink))
    caf::anon_send(uplink, parent_reached{caf::actor_cast<caf::actor>(self)});
}

/// A call to the connection, if there is one yet.
template <class Call>
void turn(self_pointer self, Call call) {
  if (!self->state.connection)
    return;
  call(*self->state.connection);
  after_turn(self);
}

void tell_progress(self_pointer self) {
  auto& state = self->state;
  auto& connection = *state.connection;
  parent_progress news{connection.unacknowledged(),
                       caf::actor_cast<caf::actor>(self)};
  news.answered
    = connection.answered() > std::exchange(state.told, connection.answered());
  news.silent = connection.take_silence();
  news.failed_over = connection.take_failed_over();
  if (const auto uplink = caf::actor_cast<caf::actor>(state.uplink))
    caf::anon_send(uplink, std::move(news));
}

/// Asks the parent something; the promise is kept in any case.
template <class Answer, class Wish>
caf::typed_response_promise<Answer> ask(self_pointer self, const Wish& wish) {
  auto answer = self->make_response_promise<Answer>();
  if (!self->state.connection)
    answer.deliver(
      caf::make_error(ec::unavailable, "the parent is not reached yet"));
  turn(self, [&](parent_connection& c) {
    c.talk([&](parent_dialog& dialog) { dialog.ask(wish, answer); });
  });
  return answer;
}

template <class News>
void talk(self_pointer self, const News& news,
          void (parent_dialog::*step)(const News&)) {
  turn(self, [&](parent_connection& c) {
    c.talk([&](parent_dialog& dialog) { (dialog.*step)(news); });
  });
}

} // namespace

parent_session_state::parent_session_state() = default;
parent_session_state::~parent_session_state() = default;

caf::behavior parent_session(self_pointer self, uplink_context context,
                             const caf::actor& uplink,
                             const std::optional<trial_order>& trial) {
  auto& state = self->state;
  state.trial = trial;
  state.context = std::move(context);
  state.uplink = uplink.address();
  self->set_exit_handler(
    [self](const caf::exit_msg& exit) { end(self, exit.reason); });
  self->delayed_send(self, state.context.options.open_timeout, reach_due{});
  state.context.network->connect(state.context.parent,
                                 caf::actor_cast<caf::actor>(self));
  return {
    [self](const connected& news) {
      auto& s = self->state;
      s.transport = news.transport;
      s.connection = std::make_unique<parent_connection>(
        self, s.context, news.transport, s.trial);
      self->delayed_send(self, look_period, look_around{});
      after_turn(self);
    },
    [self](const received& what) {
      turn(self, [&](parent_connection& c) { c.receive(what.data); });
    },
    [self](const closed& news) { end(self, news.reason, true); },
    [self](const deliver& what) {
      turn(self, [&](parent_connection& c) { c.give(what); });
    },
    [self](const fetch_twin& wish) { return ask<twin_text>(self, wish); },
    [self](const push_reported& wish) {
      return ask<properties_reported>(self, wish);
    },
    [self](const follow_desired& wish) {
      return ask<desired_followed>(self, wish);
    },
    [self](const clients_changed& news) {
      talk(self, news, &parent_dialog::take);
    },
    [self](const method_ended& news) {
      talk(self, news, &parent_dialog::ended);
    },
    [self](const c2d_decided& news) {
      talk(self, news, &parent_dialog::decided);
    },
    [self](twins_caught_up) {
      turn(self, [](parent_connection& c) { c.take_backlog(); });
    },
    [self](test_parent) {
      turn(self, [](parent_connection& c) {
        c.talk([](parent_dialog& dialog) { dialog.test(); });
      });
    },
    [self](amqp_tick) { turn(self, [](parent_connection& c) { c.tick(); }); },
    [self](look_around) {
      turn(self, [](parent_connection& c) { c.look_around(); });
      tell_progress(self);
      self->delayed_send(self, look_period, look_around{});
    },
    [self](renew_due) {
      const auto& options = self->state.context.options;
      turn(self, [](parent_connection& c) { c.renew_token(); });
      self->delayed_send(self, options.token_lifetime - options.token_margin,
                         renew_due{});
    },
    [self](reach_due) {
      if (!self->state.reached)
        end(self, "the parent did not answer in time");
    },
  };
}

} // namespace tidegate
