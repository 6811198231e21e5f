#include "actors/clients/amqp_session.hpp"

#include "actors/clients/amqp_connection.hpp"
#include "actors/clients/thrown.hpp"

namespace tidegate {

namespace {

constexpr auto verification_period = std::chrono::minutes{5};

} // namespace

amqp_session_state::amqp_session_state() = default;
amqp_session_state::~amqp_session_state() = default;

caf::behavior amqp_session(caf::stateful_actor<amqp_session_state>* self,
                           session_context_ptr context, transport_ptr peer) {
  const auto limits = context->limits;
  if (!peer->charge(amqp_connection::base_cost)) {
    peer->close();
    self->quit();
    return {};
  }
  auto& connection = self->state.connection;
  connection = std::make_unique<amqp_connection>(self, std::move(context),
                                                 std::move(peer));
  self->set_exception_handler(
    [](std::exception_ptr& thrown) { return log_thrown("amqp", thrown); });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    self->state.connection->stop();
    self->quit(exit.reason);
  });
  self->delayed_send(self, limits.connect_arrival, amqp_introduction_due{});
  self->delayed_send(self, verification_period, amqp_verify_again{});
  return {
    [self](const received& what) {
      self->state.connection->receive(what.data);
    },
    [self](const closed&) { self->quit(); },
    [self](const append_done& answer) {
      self->state.connection->stored(answer);
    },
    [self](const deliver& what) { self->state.connection->give(what); },
    [self](const desired_changed& news) { self->state.connection->give(news); },
    [self](const method_request& call) { self->state.connection->give(call); },
    [self](const deliver_c2d& what) { self->state.connection->give(what); },
    [self](const twin_answered& answer) {
      self->state.connection->answered(answer);
    },
    [self](const replaced& what) { self->state.connection->give_up(what); },
    [self](amqp_tick) { self->state.connection->tick(); },
    [self](amqp_settle_due) { self->state.connection->expect_settled(); },
    [self](amqp_drain_due) { self->state.connection->expect_drained(); },
    [self](amqp_leave_due) { self->state.connection->expect_left(); },
    [self](amqp_service_due) { self->state.connection->wake_services(); },
    [self](amqp_introduction_due) {
      self->state.connection->expect_introduction();
    },
    [self](verify_again) { self->state.connection->verify_again(); },
    [self](amqp_verify_again) {
      self->state.connection->verify_again();
      self->delayed_send(self, verification_period, amqp_verify_again{});
    },
  };
}

} // namespace tidegate
