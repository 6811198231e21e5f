#pragma once

#include "messages/store_messages.hpp"

#include "actors/routing/route.hpp"

#include <caf/response_promise.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <optional>
#include <vector>

namespace tidegate {

/// Asks for events from offset `from` on; those before the oldest kept are
/// passed over. Answered with at least one block, or with none when nothing
/// came within `wait`.
struct read_events {
  std::uint64_t from = 0;
  std::size_t max_bytes = 0;
  std::chrono::milliseconds wait{0};
};

/// The answer: `blocks` in order, and where the log begins and ends.
struct events_page {
  std::uint64_t oldest = 0;
  std::uint64_t next = 0;
  std::vector<stored_block> blocks;
};

/// The log to itself: answer those who have waited long enough.
struct answer_waiting {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::read_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::events_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::answer_waiting)

namespace tidegate {

using event_log_actor
  = caf::typed_actor<caf::reacts_to<add_lane>, caf::reacts_to<lane_stored>,
                     caf::reacts_to<lane_evicted>,
                     caf::reacts_to<look_for_expired>,
                     caf::reacts_to<answer_waiting>,
                     caf::replies_to<read_events>::with<events_page>,
                     caf::replies_to<get_route_status>::with<route_status>>;

struct event_log_state {
  static inline const char* name = "event_log";

  struct waiting_reader {
    read_events wish;
    std::chrono::steady_clock::time_point until;
    caf::typed_response_promise<events_page> promise;
  };

  route_context context;
  std::optional<lane_status> lane; ///< cursor: oldest kept; next: the end
  std::deque<stored_block> recent; ///< the newest blocks, up to `next`
  std::size_t recent_bytes = 0;
  std::vector<waiting_reader> waiting;
};

/// Where `$upstream` ends at a hub: a lane that nothing is delivered from,
/// only read, until its messages expire or the quota pushes them out.
event_log_actor::behavior_type
event_log(event_log_actor::stateful_pointer<event_log_state> self,
          route_context context);

} // namespace tidegate
