#include "actors/uplink/broker_session.hpp"

#include "actors/log.hpp"
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

void take_acknowledged(self_pointer self) {
  auto& state = self->state;
  if (!state.connection)
    return;
  for (const auto number : state.connection->take_acknowledged())
    state.flight.acknowledged(number, state.answers);
  answer_routes(self);
}

/// Closes the connection and says goodbye to whoever counts on this session.
/// It ends when everything that came before is dealt with.
void end(self_pointer self, caf::error why) {
  auto& state = self->state;
  if (!state.connection)
    return;
  take_acknowledged(self);
  state.connection.reset();
  if (state.reached)
    caf::anon_send(state.context.router,
                   target_gone{"iothub", caf::actor_cast<caf::actor>(self)});
  caf::anon_send(self, session_over{std::move(why)});
}

void fail(self_pointer self, std::string why) {
  end(self, caf::make_error(ec::unavailable, std::move(why)));
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

/// Publishes record `at`. Returns why the connection is of no use any more,
/// or nothing.
std::string publish(broker_session_state& state, const caf::actor& route,
                    const delivery& item, std::uint32_t at) {
  const auto& block = *item.block.data;
  const auto& head = block.head(at);
  const auto& topic = state.writer->topic_of(head);
  const auto payload = state.writer->payload_of(*head, block.payload(at));
  const auto offset = item.block.first + at;
  if (head->sender.device.empty() || topic.size() > longest_topic
      || topic.size() + payload.size() > state.context.options.message_size) {
    state.answers.add(route, item.lane, offset, 1, delivery_result::poison);
    return {};
  }
  return state.connection->publish(state.flight.add(route, item.lane, offset),
                                   topic, payload);
}

void give(self_pointer self, const deliver& what) {
  auto& state = self->state;
  if (!state.connection)
    return; // the route learns that this session is gone
  for (const auto& item : what.items) {
    state.watch->sent(item.to - item.from, self->clock().now());
    for (auto at = item.from; at < item.to; ++at)
      if (const auto why = publish(state, what.route, item, at); !why.empty())
        return fail(self, why);
  }
  state.window->saw(what);
  announce(self);
  answer_routes(self);
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
  if (state.watch->stalled(self->clock().now()))
    return fail(self,
                "the broker has acknowledged nothing for "
                  + std::to_string(state.context.options.stall_timeout.count())
                  + " ms");
  self->delayed_send(self, look_period, look_around{});
}

} // namespace

caf::behavior broker_session(self_pointer self, broker_context context,
                             const caf::actor& uplink) {
  auto& state = self->state;
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
    [self](const broker_closed& news) { fail(self, news.reason); },
    [self](const deliver& what) { give(self, what); },
    [self](broker_acknowledged) { take_acknowledged(self); },
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
