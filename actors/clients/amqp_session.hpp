#pragma once

#include "actors/clients/session_context.hpp"
#include "actors/clients/transport.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace tidegate {

class amqp_connection;

/// A session to itself: a time-out of the protocol engine is due.
struct amqp_tick {};

/// A session to itself: somebody should have been let in by now.
struct amqp_introduction_due {};

/// A session to itself: a module should have settled its messages by now.
struct amqp_settle_due {};

/// A session to itself: a client should have given its credit back by now.
struct amqp_drain_due {};

/// To itself: a client without links has had its time to close.
struct amqp_leave_due {};

/// A session to itself: verify the identities again (edge-hub spec 3.6).
struct amqp_verify_again {};

/// A session to itself: links of services want to do something.
struct amqp_service_due {};

/// Largest transfer a link takes (edge-hub spec 2.1).
inline constexpr std::uint64_t largest_amqp_message = 1'048'576;

/// Twin requests of one identity that are being dealt with at once.
inline constexpr int twin_credit = 16;

/// Offered by this hub when a connection opens: a transfer whose data sections
/// are encoded messages is a batch, whatever message format it names. Proton
/// cannot name one, so a gateway sends batches only to a parent that offers
/// this.
inline constexpr std::string_view batch_capability = "tidegate:batch";

struct amqp_session_state {
  static inline const char* name = "amqp_session";

  amqp_session_state();
  ~amqp_session_state();

  std::unique_ptr<amqp_connection> connection;
};

/// Serves one AMQP connection: authentication, events, module inputs, twins,
/// methods, messages from the cloud (edge-hub spec, section 2). Takes
/// `received` and `closed` from its transport, `append_done`, `deliver`,
/// `desired_changed`, `method_request`, `deliver_c2d`, `replaced` and
/// `verify_again`; an exit message closes the connection in order.
caf::behavior amqp_session(caf::stateful_actor<amqp_session_state>* self,
                           session_context_ptr context, transport_ptr peer);

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::amqp_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::amqp_introduction_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::amqp_settle_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::amqp_drain_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::amqp_leave_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::amqp_verify_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::amqp_service_due)
