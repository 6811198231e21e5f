#pragma once

#include "actors/modules/module.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>
#include <string>

/// The life of one module, step by step. Used by the sources of
/// `module_actor` alone.
namespace tidegate::module_life {

using self_pointer = caf::stateful_actor<module_state>*;

/// What a module tells itself, later; void once `life` is over.
struct restart_due {
  std::uint64_t life;
};
struct health_due {
  std::uint64_t life;
};
struct stable_due {
  std::uint64_t life;
};

const std::string& name_of(self_pointer self);
caf::actor itself(self_pointer self);

void tell_agent(self_pointer self, bool settled);

/// Sets the status, and tells the agent that this is as far as it goes.
void show(self_pointer self, runtime_status status, std::string description);

/// Has the engine remember the restarts.
void remember(self_pointer self);

/// Starts the module; creates it first if need be.
void start(self_pointer self);

/// Stops the module, then goes on as `then` says.
void stop(self_pointer self, module_state::next then);

/// Removes the module from the engine; `engine_done` follows.
void remove(self_pointer self);

/// It is down, since `elapsed`, and nobody asked for that: asks the policy.
void judge(self_pointer self, std::chrono::milliseconds elapsed);

/// The engine says that it runs, or that it does not.
void up(self_pointer self, const module_up& message);
void down(self_pointer self, const module_down& message);

/// Time to ask for its health.
void examine(self_pointer self, health_due due);

/// The answer to that.
void examined(self_pointer self, std::uint64_t life, bool healthy,
              const std::string& detail);

} // namespace tidegate::module_life

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_life::restart_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_life::health_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_life::stable_due)
