#pragma once

#include "actors/modules/modules.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>
#include <string>

/// How `modules` works off a deployment, stage by stage. Used by its sources
/// alone.
namespace tidegate::modules_order {

using self_pointer = caf::stateful_actor<modules_state>*;

/// The present stage takes too long; go on without those that lag.
struct stage_due {
  std::uint64_t stage;
};

/// Starts the actor of a module; `found` is what the engine has of it.
void spawn_module(self_pointer self, want_module wish,
                  std::optional<module_record> found);

/// The module has done what it could, or is gone.
void settled(self_pointer self, const std::string& name);

/// `wish` is worked on next.
void put_order(modules_state& state, apply_manifest wish);

/// Goes on with the order in hand, or with the next one.
void work(self_pointer self);

/// Looks whether to go on.
void check_stage(self_pointer self, stage_due due);

/// Takes a new order.
caf::result<manifest_applied> accept(self_pointer self,
                                     const apply_manifest& wish);

} // namespace tidegate::modules_order

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::modules_order::stage_due)
