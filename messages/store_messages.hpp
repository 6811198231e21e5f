#pragma once

#include "messages/lane.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/typed_actor.hpp>

namespace tidegate {

/// Asks the store to make blocks durable. All of them become part of one
/// write; `reply_to` gets an `append_done` with the same tag once they are as
/// safe as the configured durability promises, and not before.
///
/// Appends of one `reply_to` are kept in the order they are sent: after one
/// was refused, so is every later one of the same `attempt`. Raise the number
/// once the refusal is known; what is sent again comes first then.
struct append {
  std::uint64_t tag = 0;
  std::vector<lane_block> blocks;
  caf::actor reply_to;
  std::uint64_t attempt = 0;
};

/// The answer to `append`. No error: acknowledge. `ec::store_full`,
/// `ec::store_failed`: nothing was kept. `ec::lane_gone`: a route changed
/// meanwhile; route the messages again with the current table.
/// `ec::refused`: it stands behind one that was refused.
struct append_done {
  std::uint64_t tag = 0;
  caf::error error;
};

/// Makes the lane for `key` if there is none.
struct open_lane {
  lane_key key;
};

/// From now on blocks stored in `lane` are also sent to `route` as
/// `lane_stored`. Answered with the lane's status: what lies before
/// `lane_status::next` must be read, what comes after will be sent.
struct follow_lane {
  lane_id lane{};
  caf::actor route;
};

/// Blocks that have just become durable, in order.
struct lane_stored {
  lane_id lane{};
  std::vector<stored_block> blocks;
};

/// The cursor moved without the route: everything before `cursor` is gone.
/// Either the quota pushed it out, or it could not be read; both are counted.
struct lane_evicted {
  lane_id lane{};
  std::uint64_t cursor = 0;
  std::uint64_t evicted = 0; ///< messages that the quota pushed out
};

/// The route is done with the messages from `first` on, in order. What the
/// store evicted or lost meanwhile is not counted twice: offsets that could
/// not be read (a gap between two blocks of `lane_stored`) may be settled
/// along with the others, or left out between two settlements.
struct settle_lane {
  lane_id lane{};
  std::uint64_t first = 0;
  std::vector<settled_run> runs;
};

/// The reader found that offsets [first, end) of `lane` cannot be read. Their
/// remains are in quarantine; they leave the ledger as damaged.
struct lane_damaged {
  lane_id lane{};
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

/// Deletes a lane and what is in it, which counts as evicted.
struct drop_lane {
  lane_id lane{};
};

/// Asks the reader for blocks from offset `from` on, up to about `max_bytes`
/// of encoded text (at least one block when there is one).
struct read_lane {
  lane_id lane{};
  std::uint64_t from = 0;
  std::size_t max_bytes = 0;
};

/// Asks the reader what the blocks with offsets in [from, end) take on disk.
struct weigh_lane {
  lane_id lane{};
  std::uint64_t from = 0;
  std::uint64_t end = 0;
};

/// About as many bytes.
struct lane_weight {
  std::uint64_t bytes = 0;
};

/// Asks the reader where the newest `bytes` of a lane begin.
struct find_newest {
  lane_id lane{};
  std::uint64_t bytes = 0;
};

/// About there.
struct lane_place {
  std::uint64_t offset = 0;
};

struct get_lanes {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::append)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::append_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::open_lane)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::follow_lane)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lane_stored)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lane_evicted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::settle_lane)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lane_damaged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::drop_lane)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::read_lane)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::weigh_lane)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lane_weight)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::find_newest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lane_place)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_lanes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::lane_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::lane_status>)

namespace tidegate {

/// The one writer. Send `append`, `settle_lane` and `drop_lane` without
/// waiting; request the others.
using store_actor = caf::typed_actor<
  caf::reacts_to<append>, caf::reacts_to<settle_lane>,
  caf::reacts_to<drop_lane>, caf::reacts_to<lane_damaged>,
  caf::replies_to<open_lane>::with<lane_status>,
  caf::replies_to<follow_lane>::with<lane_status>,
  caf::replies_to<get_lanes>::with<std::vector<lane_status>>>;

/// Reads lanes beside the writer, so that a backlog never slows an
/// acknowledgement.
using lane_reader_actor
  = caf::typed_actor<caf::replies_to<read_lane>::with<lane_stored>,
                     caf::replies_to<weigh_lane>::with<lane_weight>,
                     caf::replies_to<find_newest>::with<lane_place>>;

} // namespace tidegate
