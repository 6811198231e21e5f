#pragma once

#include "messages/bytes.hpp"
#include "messages/identity_id.hpp"
#include "messages/method_caller.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <chrono>
#include <cstdint>
#include <string>

namespace tidegate {

// Direct methods (edge-hub spec 1.12, 2.9 and 8).

/// What a caller sees when a client's answer has no readable status.
inline constexpr std::int32_t unreadable_status = 400'000;

/// Calls a method of a connected client. Whoever asks has made sure who the
/// caller is; whether it may call this target, and the name's form, are judged
/// behind all doors. Errors: `ec::bad_argument` for a name that is none;
/// `ec::unauthorized` when the caller may not; `ec::not_found` when the target
/// is not connected, or takes no methods, within `connect_timeout`;
/// `ec::timed_out` when it does not answer within `response_timeout`;
/// `ec::unavailable` when too many calls are under way.
struct invoke_method {
  identity_id target;
  std::string name;
  bytes payload; ///< JSON text, or nothing
  std::chrono::milliseconds connect_timeout{0};
  std::chrono::milliseconds response_timeout{30'000};
  method_caller from;
  /// The caller's hold on the call; null for one that never leaves.
  call_ticket_ptr ticket;
};

/// The caller has left: its call ends, and what its target answers is ignored.
struct abandon_call {
  call_ticket_ptr ticket;
};

struct method_outcome {
  std::int32_t status = 0;
  bytes payload; ///< as the client sent it; may be empty
};

/// To the session of a client: have it run this method.
struct method_request {
  identity_id target;
  std::string rid; ///< a GUID, made per call
  std::string name;
  bytes payload;
};

/// From a session: what its client answered to the request `rid` (compared
/// without case). One that nobody waits for is ignored.
struct method_response {
  identity_id by;
  std::string rid;
  std::int32_t status = unreadable_status;
  bytes payload;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::invoke_method)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::abandon_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::method_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::method_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::method_response)

namespace tidegate {

/// Carries calls to clients and their answers back.
using methods_actor
  = caf::typed_actor<caf::replies_to<invoke_method>::with<method_outcome>,
                     caf::reacts_to<method_response>,
                     caf::reacts_to<abandon_call>>;

} // namespace tidegate
