#pragma once

#include "actors/routing/log_retention.hpp"
#include "actors/routing/route.hpp"
#include "messages/store_messages.hpp"

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

/// Has the oldest events removed: those that were stored before a time, those
/// before an offset, or all but the newest bytes. The first one that is given
/// counts.
struct trim_events {
  std::optional<wall_time> before;
  std::optional<std::uint64_t> to_offset;
  std::optional<std::uint64_t> keep;
  bool dry_run = false; ///< only says what would go
};

/// Events [from, to) are gone, and about `bytes` of disk with them.
struct events_trimmed {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t bytes = 0;
};

struct get_event_log_status {};

/// What a log holds, and may.
struct event_log_status {
  std::uint64_t oldest = 0;
  std::uint64_t next = 0;
  std::optional<wall_time> oldest_time; ///< nothing while it is empty
  std::uint64_t bytes = 0;              ///< on disk, about
  log_retention retention;
  /// Events that the quota pushed out since the node started.
  std::uint64_t dropped = 0;
};

/// The log to itself: answer those who have waited long enough.
struct answer_waiting {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::read_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::events_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::trim_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::events_trimmed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_event_log_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::event_log_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::answer_waiting)

namespace tidegate {

using event_log_actor = caf::typed_actor<
  caf::reacts_to<add_lane>, caf::reacts_to<lane_stored>,
  caf::reacts_to<lane_evicted>, caf::reacts_to<look_for_expired>,
  caf::reacts_to<answer_waiting>,
  caf::replies_to<read_events>::with<events_page>,
  caf::replies_to<trim_events>::with<events_trimmed>,
  caf::replies_to<get_event_log_status>::with<event_log_status>,
  caf::replies_to<get_route_status>::with<route_status>>;

} // namespace tidegate
