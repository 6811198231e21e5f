#pragma once

#include "actors/supervision/supervisor.hpp"

#include <caf/typed_response_promise.hpp>

namespace tidegate {

/// Watched children shown one by one; the rest is a number.
inline constexpr std::size_t most_watched_shown = 100;

/// Describes `self` and everything below it. Children that answer `get_tree`
/// are asked at the same time and get three quarters of the time given, so
/// that an answer from far below still arrives in time.
caf::typed_response_promise<actor_node>
collect_tree(caf::stateful_actor<supervisor_state>* self, get_tree asked);

} // namespace tidegate
