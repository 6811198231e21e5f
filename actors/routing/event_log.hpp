#pragma once

#include "actors/routing/event_log_messages.hpp"

#include <caf/response_promise.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <optional>
#include <vector>

namespace tidegate {

struct event_log_state {
  static inline const char* name = "event_log";

  struct waiting_reader {
    read_events wish;
    std::chrono::steady_clock::time_point until;
    caf::typed_response_promise<events_page> promise;
  };

  route_context context;
  log_retention retention;
  std::optional<lane_status> lane; ///< cursor: oldest kept; next: the end
  std::uint64_t bytes = 0;         ///< of [cursor, next) on disk, about
  std::deque<stored_block> recent; ///< the newest blocks, up to `next`
  std::size_t recent_bytes = 0;
  std::vector<waiting_reader> waiting;

  /// The oldest block, when it is known: nothing is read while it stays.
  std::optional<stored_block> head;
  bool sweeping = false; ///< looking for what has to go
  arrival_marks marks;
  patient_clock clock;
  std::uint64_t dropped = 0; ///< by the quota
  drop_notice notice{std::chrono::minutes{10}};
};

/// Where `$upstream` ends at a hub: a lane that nothing is delivered from,
/// only read, until its messages expire, `retention` or an operator says that
/// they go, or the quota pushes them out.
event_log_actor::behavior_type
event_log(event_log_actor::stateful_pointer<event_log_state> self,
          route_context context, log_retention retention);

} // namespace tidegate
