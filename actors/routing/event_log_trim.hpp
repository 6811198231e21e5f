#pragma once

#include "actors/routing/event_log.hpp"

namespace tidegate {

/// Looks for what has expired or is beyond what the log may keep, and lets it
/// go, in few and large steps. Reads nothing while nothing can have to go.
void sweep(event_log_actor::stateful_pointer<event_log_state> self);

/// Whether the log has grown beyond what it may hold.
bool too_large(const event_log_state& state);

/// The oldest event is now `to`, or what it was if that is later; what is
/// before it needs no memory any more.
void move_beginning(event_log_state& state, std::uint64_t to);

/// Lets go what an operator wants to.
caf::typed_response_promise<events_trimmed>
trim(event_log_actor::stateful_pointer<event_log_state> self,
     const trim_events& wish);

/// The log's status; reads its oldest block if that is not known.
caf::typed_response_promise<event_log_status>
tell_status(event_log_actor::stateful_pointer<event_log_state> self);

} // namespace tidegate
