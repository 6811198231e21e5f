#include "actors/service/command_receiver.hpp"

#include "actors/clients/pending_transfers.hpp"
#include "messages/amqp/service_command.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

namespace tidegate {

namespace {

constexpr auto patience = std::chrono::seconds{60};

link_condition condition_of(const caf::error& error) {
  if (error == ec::not_found)
    return {condition::not_found, error_text(error)};
  if (error == ec::store_full)
    return {condition::limit_exceeded, error_text(error)};
  if (error == ec::bad_argument)
    return {condition::not_allowed, error_text(error)};
  return {condition::internal_error, error_text(error)};
}

} // namespace

command_receiver::command_receiver(service_link_context& context,
                                   pn_link_t* link)
  : service_link{context, link} {
  pn_link_flow(link, credit);
}

void command_receiver::take(pn_delivery_t* delivery, const bytes& encoded) {
  std::string why;
  auto wish = amqp::read_service_command(encoded, why);
  if (!wish)
    return refuse(delivery, caf::make_error(ec::bad_argument, why));
  ask<c2d_queued>(
    context_.node->c2d, std::move(*wish), patience,
    [this, delivery](const c2d_queued&) {
      pn_delivery_update(delivery, PN_ACCEPTED);
      pn_delivery_settle(delivery);
      pn_link_flow(link_, 1);
    },
    [this, delivery](const caf::error& error) { refuse(delivery, error); });
}

void command_receiver::refuse(pn_delivery_t* delivery, const caf::error& why) {
  reject(delivery, condition_of(why));
  pn_link_flow(link_, 1);
}

} // namespace tidegate
