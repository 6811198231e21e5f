#pragma once

#include "actors/deployment/deployment.hpp"
#include "actors/modules/module_messages.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

/// What the deployment actor does, step by step. Used by its sources alone.
namespace tidegate::deployment_steps {

using self_pointer = caf::stateful_actor<deployment_state>*;

/// To itself: read the twin once more.
struct read_agent_twin {};

/// To itself: time to read it in any case.
struct refresh_agent_twin {};

/// To itself: look how the modules are.
struct look_at_modules {};

/// To itself: everything is said.
struct leave_now {};

/// Calls `then` with the supervisor of modules, or `failed`.
void with_modules(self_pointer self,
                  std::function<void(const caf::actor&)> then,
                  std::function<void(const caf::error&)> failed);

/// Has the modules run as the board says.
void order_modules(self_pointer self);

/// Says what has changed since it was last said.
void report(self_pointer self);

/// Says that nothing is known of the modules any more, then ends.
void take_leave(self_pointer self);

/// Counts a question to, or a report for, the twin.
void count_sync(const deployment_state& state, bool good);

} // namespace tidegate::deployment_steps

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::deployment_steps::read_agent_twin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::deployment_steps::refresh_agent_twin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::deployment_steps::look_at_modules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::deployment_steps::leave_now)
