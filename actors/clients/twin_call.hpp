#pragma once

#include "messages/twin_messages.hpp"

#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <cstdint>
#include <optional>

namespace tidegate {

/// What a client asks for: its twin or, with a patch, a change of its reported
/// properties.
struct twin_operation {
  identity_id id;
  std::optional<bytes> patch;
};

/// To a session: how an operation of its client ended.
struct twin_answered {
  std::uint64_t call = 0; ///< the session's own number for it
  int status = 500;       ///< as the client is told (edge-hub spec 1.11)
  shared_text json;       ///< the twin, with status 200; otherwise null
  /// This node could not do it: the same operation may succeed later.
  bool failed = false;
};

/// What a client is told about an operation that ended with `error`.
twin_answered answer_of(std::uint64_t call, const caf::error& error);

/// Asks `twins`, which may be nobody; `session` is sent a `twin_answered`.
void call_twin(caf::event_based_actor* session, const twins_actor& twins,
               twin_operation what, std::uint64_t call);

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::twin_answered)
