#include "actors/uplink/broker_session.hpp"

#include "actors/log.hpp"
#include "actors/uplink/given_up.hpp"
#include "messages/amqp/time_text.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <caf/send.hpp>

#include <utility>

namespace tidegate {

namespace {

using self_pointer = caf::stateful_actor<broker_session_state>*;

constexpr auto look_period = std::chrono::seconds{1};

constexpr auto store_timeout = std::chrono::seconds{60};

/// Passes on what has been decided about messages.
void answer_routes(self_pointer self) {
  auto& state = self->state;
  const auto total = state.answers.total();
  if (total == state.answers_seen)
    return;
  state.watch->answered(total - state.answers_seen, self->clock().now());
  state.answers_seen = total;
  state.answers.send();
}

void take_acknowledged(broker_session_state& state) {
  for (const auto number : state.connection->take_acknowledged())
    state.flight.acknowledged(number, state.answers);
}

/// What the uplink makes of the end of this session.
session_end end_of(self_pointer self, bool by_parent) {
  const auto& state = self->state;
  session_end how;
  how.by_parent = by_parent && state.reached;
  how.first = state.flight.first();
  how.taken = state.flight.taken();
  if (state.trial)
    state.trial->describe(how, self->clock().now());
  return how;
}

enum class ender { broker, node };

/// Closes the connection and says goodbye to whoever counts on this session.
/// It ends when everything that came before is dealt with.
void end(self_pointer self, caf::error why, ender by = ender::node) {
  auto& state = self->state;
  if (!state.connection)
    return;
  take_acknowledged(state);
  answer_routes(self);
  if (const auto uplink = caf::actor_cast<caf::actor>(state.uplink))
    caf::anon_send(uplink, session_left{caf::actor_cast<caf::actor>(self),
                                        end_of(self, by == ender::broker)});
  state.connection.reset();
  if (state.reached)
    caf::anon_send(state.context.router,
                   target_gone{"iothub", caf::actor_cast<caf::actor>(self)});
  caf::anon_send(self, session_over{std::move(why)});
}

void fail(self_pointer self, std::string why, ender by = ender::node) {
  end(self, caf::make_error(ec::unavailable, std::move(why)), by);
}

void announce(self_pointer self) {
  if (const auto window = self->state.window->news())
    caf::anon_send(
      self->state.context.router,
      target_ready{"iothub", caf::actor_cast<caf::actor>(self), *window});
}

void tell_uplink_progress(self_pointer self) {
  const auto& state = self->state;
  if (const auto uplink = caf::actor_cast<caf::actor>(state.uplink))
    caf::anon_send(uplink, parent_progress{state.watch->waiting(),
                                           caf::actor_cast<caf::actor>(self)});
}

void opened(self_pointer self, const broker_opened& news) {
  auto& state = self->state;
  if (!state.connection || std::exchange(state.reached, true))
    return;
  log::debug("uplink", "the broker has taken this node",
             {{"session", news.session_present ? "kept" : "new"}});
  // Also when the session was kept: the topic may be another one by now.
  if (state.context.language->commands)
    state.connection->subscribe(command_filter(*state.context.language));
  announce(self);
  if (const auto uplink = caf::actor_cast<caf::actor>(state.uplink))
    caf::anon_send(uplink, parent_reached{caf::actor_cast<caf::actor>(self)});
}

/// Record `at` never goes up: says which message that was.
void give_up(broker_session_state& state, const caf::actor& route,
             const delivery& item, std::uint32_t at, const char* reason) {
  state.answers.add(route, item.lane, item.block.first + at, 1,
                    delivery_result::poison);
  tell_given_up(*state.context.meters, message_copy{item.block.data, at},
                reason);
}

/// Publishes record `at`. Returns why the connection is of no use any more,
/// or nothing.
std::string publish(broker_session_state& state, const caf::actor& route,
                    const delivery& item, std::uint32_t at) {
  const auto& block = *item.block.data;
  const auto& head = block.head(at);
  const auto& topic = state.writer->topic_of(head);
  const auto payload = state.writer->payload_of(*head, block.payload(at));
  if (head->sender.device.empty() || topic.size() > longest_topic
      || topic.size() + payload.size() > state.context.options.message_size) {
    give_up(state, route, item, at, "too_large_for_broker");
    return {};
  }
  return state.connection->publish(state.flight.add(route, item, at), topic,
                                   payload);
}

std::string publish(broker_session_state& state, const given_records& what) {
  const auto& [route, item] = what;
  for (auto at = item.from; at < item.to; ++at)
    if (auto why = publish(state, route, item, at); !why.empty())
      return why;
  return {};
}

std::string publish_copy(broker_session_state& state, const message_copy& of) {
  const auto& head = of.data->head(of.at);
  return state.connection->publish(
    state.flight.add_copy(of), state.writer->topic_of(head),
    state.writer->payload_of(*head, of.data->payload(of.at)));
}

/// The suspect is done with.
void tell_trial_over(self_pointer self, bool given_up) {
  auto& state = self->state;
  if (std::exchange(state.trial_told, true))
    return;
  if (const auto uplink = caf::actor_cast<caf::actor>(state.uplink))
    caf::anon_send(uplink,
                   trial_over{caf::actor_cast<caf::actor>(self), given_up});
}

/// What was kept back behind the suspect goes on.
std::string end_trial(self_pointer self, bool given_up) {
  auto& state = self->state;
  const auto behind = state.trial->leave();
  state.trial.reset();
  tell_trial_over(self, given_up);
  for (const auto& each : behind)
    if (auto why = publish(state, each); !why.empty())
      return why;
  return {};
}

/// Goes on with a trial as far as the broker's answers allow. Returns why the
/// connection is of no use any more, or nothing.
std::string go_on_with_trial(self_pointer self) {
  auto& state = self->state;
  while (state.trial && state.flight.empty()) {
    if (state.trial->sent())
      tell_trial_over(self, false);
    if (state.trial->probing())
      state.trial->probed(true);
    switch (state.trial->next(self->clock().now())) {
    case poison_trial::step::wait:
      return {};
    case poison_trial::step::over:
      return end_trial(self, false);
    case poison_trial::step::probe:
      return publish_copy(state, state.trial->probe());
    case poison_trial::step::send:
      if (auto why = publish(state, state.trial->records()); !why.empty())
        return why;
      break;
    case poison_trial::step::give_up: {
      const auto& [route, item] = state.trial->records();
      give_up(state, route, item, item.from, "ends_connections");
      return end_trial(self, true);
    }
    }
  }
  return {};
}

/// The connection takes no more: the broker has ended it, and that will be
/// told. While there is a trial it is not known how much came over.
void take_no_more(self_pointer self, const std::string& why) {
  fail(self, why, self->state.trial ? ender::node : ender::broker);
}

/// What is to happen after messages came, or answers to them.
void go_on(self_pointer self) {
  if (const auto why = go_on_with_trial(self); !why.empty())
    return take_no_more(self, why);
  answer_routes(self);
}

void give(self_pointer self, const deliver& what) {
  auto& state = self->state;
  if (!state.connection)
    return; // the route learns that this session is gone
  for (const auto& item : what.items) {
    state.watch->sent(item.to - item.from, self->clock().now());
    const auto now_due = state.trial
                           ? state.trial->take(what.route, item)
                           : std::vector{given_records{what.route, item}};
    for (const auto& each : now_due)
      if (const auto why = publish(state, each); !why.empty())
        return take_no_more(self, why);
  }
  state.window->saw(what);
  announce(self);
  go_on(self);
}

void take_acknowledgements(self_pointer self) {
  if (!self->state.connection)
    return;
  take_acknowledged(self->state);
  go_on(self);
}

void count_command(self_pointer self, const char* result) {
  self->state.context.meters
    ->counter("tidegate_uplink_commands_total",
              "Commands that came from the broker, by what became of them.",
              {{"result", result}})
    .Increment();
}

/// The session ends once every command that came has been stored, or not.
void leave_when_done(self_pointer self) {
  const auto& state = self->state;
  if (state.over && state.commands_in_hand == 0)
    self->quit(*state.over);
}

void refuse_command(self_pointer self, const std::string& topic,
                    const std::string& why) {
  count_command(self, "refused");
  log::warning("uplink", "a command is given up",
               {{"topic", topic}, {"reason", why}});
}

wall_time expiry_of(const message_head& head) {
  const auto* given = find_property(head.system, "absolute-expiry-time");
  const auto at
    = given && given->value ? amqp::parse_time(*given->value) : std::nullopt;
  return at ? wall_time{std::chrono::milliseconds{*at}} : no_expiry;
}

/// Passes a command on, to be stored for its device.
void take_command(self_pointer self, const broker_message& came) {
  auto& state = self->state;
  std::string why;
  auto command
    = read_command(*state.context.language, came.topic, came.payload, why);
  if (!command)
    return refuse_command(self, came.topic, why);
  send_c2d wish;
  wish.target.device = std::move(command->device);
  wish.head = std::make_shared<const message_head>(std::move(command->head));
  wish.payload = own(std::move(command->payload));
  wish.expires = expiry_of(*wish.head);
  if (++state.commands_in_hand > state.context.options.most_commands)
    fail(self, "commands come faster than they can be stored");
  self->request(state.context.commands, store_timeout, std::move(wish))
    .then(
      [self](const c2d_queued&) {
        --self->state.commands_in_hand;
        count_command(self, "taken");
        leave_when_done(self);
      },
      [self, topic = came.topic](const caf::error& error) {
        --self->state.commands_in_hand;
        refuse_command(self, topic, error_text(error));
        leave_when_done(self);
      });
}

void look(self_pointer self) {
  const auto& state = self->state;
  tell_uplink_progress(self);
  const bool waits = !state.trial || !state.flight.empty();
  if (waits && state.watch->stalled(self->clock().now()))
    return fail(self,
                "the broker has acknowledged nothing for "
                  + std::to_string(state.context.options.stall_timeout.count())
                  + " ms");
  self->delayed_send(self, look_period, look_around{});
}

} // namespace

caf::behavior broker_session(self_pointer self, broker_context context,
                             const caf::actor& uplink,
                             const std::optional<trial_order>& trial) {
  auto& state = self->state;
  if (trial)
    state.trial.emplace(*trial);
  state.context = std::move(context);
  state.uplink = uplink.address();
  state.writer.emplace(state.context.language);
  state.watch.emplace(state.context.options.stall_timeout);
  state.window.emplace(state.context.options.window,
                       state.context.options.window_bytes);
  self->set_exit_handler(
    [self](const caf::exit_msg& exit) { end(self, exit.reason); });
  state.connection
    = state.context.network->connect(caf::actor_cast<caf::actor>(self));
  self->delayed_send(self, state.context.options.open_timeout, reach_due{});
  self->delayed_send(self, look_period, look_around{});
  return {
    [self](const broker_opened& news) { opened(self, news); },
    [self](const broker_closed& news) {
      fail(self, news.reason, ender::broker);
    },
    [self](const deliver& what) { give(self, what); },
    [self](broker_acknowledged) { take_acknowledgements(self); },
    [self](const broker_message& came) { take_command(self, came); },
    [](const broker_subscribed& answer) {
      if (!answer.granted)
        log::error("uplink", "the broker refuses the subscription to commands; "
                             "none will come");
    },
    [self](look_around) { look(self); },
    [self](reach_due) {
      if (!self->state.reached)
        fail(self, "the broker did not answer in time");
    },
    [self](const session_over& over) {
      self->state.over = over.why;
      leave_when_done(self);
    },
  };
}

} // namespace tidegate
