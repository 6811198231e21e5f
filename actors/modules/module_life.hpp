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
/// Void once `module_state::trial` has grown.
struct trial_due {
  std::uint64_t trial;
};
/// Void once there was another `module_state::retry`.
struct retry_due {
  std::uint64_t retry;
};

const std::string& name_of(self_pointer self);
caf::actor itself(self_pointer self);

/// Counts and times what the engine is asked to do.
void begin_command(self_pointer self, module_command what,
                   const deployment::module_spec& of);
void end_command(self_pointer self, module_command what);

/// True when nothing more is to be done now.
bool is_settled(self_pointer self);

/// Tells the agent how the module is. `waiting` as in `module_changed`.
void tell_agent(self_pointer self, bool waiting = false);

/// Sets the status, and tells the agent.
void show(self_pointer self, runtime_status status, std::string description);

/// Has the engine remember the restarts.
void remember(self_pointer self);

/// `launch` is what is there now, or is about to be created.
void take_launch(self_pointer self, module_launch launch);

/// Starts or stops what is there, when the wish for that has changed.
void obey(self_pointer self);

/// Starts the module, which exists.
void start(self_pointer self);

/// Stops the module, then goes on as `then` says.
void stop(self_pointer self, module_state::next then);

/// Removes the module from the engine, then goes on as `then` says.
void remove(self_pointer self, module_state::next then);

/// It is down, and nobody asked for that: does as the policy has decided.
void follow(self_pointer self, const restart_decision& decision);

/// It went down just now: asks the policy, and follows it.
void judge(self_pointer self);

/// An earlier gateway left it down: stopped with it, or ended by itself.
void judge_found(self_pointer self);

/// The engine says that it runs, or that it does not.
void up(self_pointer self, const module_up& message);
void down(self_pointer self, const module_down& message);

/// Makes `launch` ready to take the place of what is there. `way_back` as in
/// `module_state::successor`.
void bring(self_pointer self, module_launch launch, bool way_back = false);

/// The host has, or has not, what `coming` needs of the gateway.
void host_ready(self_pointer self, const module_prepared& message);

/// The engine has, or has not, fetched what `coming` needs.
void fetched(self_pointer self, const engine_done& message);

/// Tries again what was held.
void try_again(self_pointer self);

/// Puts `coming` in its place if it is ready and the phase allows it. True
/// when it does so.
bool replace(self_pointer self);

/// The engine has removed what was there for `coming`, or has not.
void cleared(self_pointer self, const std::string& problem);

/// The engine has made the module, or has not.
void created(self_pointer self, const std::string& problem);

/// How it was rolled back; empty when it was not.
std::string rollback_note(const module_state& state);

/// From now on the module has its grace to become healthy.
void begin_trial(self_pointer self);

/// The grace is over.
void end_trial(self_pointer self, trial_due due);

/// It failed for good. True when it is on trial, and is rolled back.
bool fail_trial(self_pointer self);

/// Time to ask for its health.
void examine(self_pointer self, health_due due);

/// The answer to that.
void examined(self_pointer self, std::uint64_t life, bool healthy,
              const std::string& detail);

/// The engine's own judgement.
void judged(self_pointer self, const module_health& message);

} // namespace tidegate::module_life

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_life::restart_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_life::health_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_life::stable_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_life::trial_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_life::retry_due)
