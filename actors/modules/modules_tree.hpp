#pragma once

#include "actors/modules/modules.hpp"
#include "actors/supervision/actor_node.hpp"

namespace tidegate {

/// The agent and its modules, for the live tree. Called by the agent itself.
actor_node describe_modules(caf::stateful_actor<modules_state>* self);

} // namespace tidegate
