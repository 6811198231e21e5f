#pragma once

#include "actors/supervision/supervisor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>

/// What a supervisor does to its children, step by step. Used by
/// `supervisor.cpp` alone.
namespace tidegate::lifecycle {

using self_pointer = caf::stateful_actor<supervisor_state>*;
using child_id = std::uint64_t;

/// What a supervisor tells itself, later. The incarnation tells timers of an
/// earlier life of the child from those of the present one.
struct restart_due {
  child_id id;
  std::uint64_t incarnation;
};
struct probe_due {
  child_id id;
  std::uint64_t incarnation;
};
struct stop_due {
  child_id id;
  std::uint64_t incarnation;
};
/// The grace of the watched is over.
struct watched_stop_due {};

/// Starts the child, watches it, arms its health probe.
void start(self_pointer self, child_id id);

/// The child is gone: asks the policy, and does what it says.
void ended(self_pointer self, child_id id, exit_cause cause);

/// The child stays down; one that was added while running is forgotten.
void settle(self_pointer self, child_id id, supervised_child::condition as);

/// Asks the child to end; past its grace it gets `stop_due`.
void ask_to_stop(self_pointer self, child_id id);

/// Forgets a child that will not go, and has it killed whenever it can be.
void replace_stuck(self_pointer self, child_id id, exit_cause cause);

/// Stops everything, the watched first, then the children in reverse order;
/// then ends with `reason`.
void begin_stop(self_pointer self, caf::error reason);

/// Stops the child that started last; ends when there is none.
void stop_next(self_pointer self);

/// Sends an exit that overtakes what is queued: behind a full mailbox it
/// would come too late.
void send_exit_now(const caf::actor& whom, caf::exit_reason why);

} // namespace tidegate::lifecycle

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lifecycle::restart_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lifecycle::probe_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lifecycle::stop_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lifecycle::watched_stop_due)
