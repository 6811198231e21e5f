#pragma once

#include "actors/store/settlements.hpp"
#include "actors/store/store_meters.hpp"
#include "messages/store_messages.hpp"
#include "storage/elapsed_counter.hpp"
#include "storage/lane_store.hpp"

#include <caf/actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tidegate {

struct store_context {
  lane_store_ptr lanes;
  std::shared_ptr<metrics> meters;
  /// Marks the time on disk; null where nothing expires.
  std::shared_ptr<elapsed_counter> time;
};

/// Writes what has been queued so far.
struct commit_group {};
/// Settlements have waited long enough for an append to travel with.
struct commit_settlements {};
/// Deletes what is done, looks at the size of the folder.
struct tidy_store {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::commit_group)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::commit_settlements)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::tidy_store)

namespace tidegate {

/// A `store_actor` with what it says to itself.
using store_server = store_actor::extend<caf::reacts_to<commit_group>,
                                         caf::reacts_to<commit_settlements>,
                                         caf::reacts_to<tidy_store>>;

struct store_state {
  static inline const char* name = "store";

  ~store_state();

  lane_store_ptr lanes;
  std::shared_ptr<elapsed_counter> time;
  std::shared_ptr<metrics> all_meters;
  std::unique_ptr<store_meters> meters;
  std::vector<append> appends;
  settlements settled;
  std::vector<lane_damaged> damaged;
  std::unordered_map<lane_id, caf::actor> followers;
  std::unordered_set<caf::actor_id> refused; ///< senders that still live
  bool commit_asked = false;
  bool settlements_asked = false;
};

/// The one writer (design section 4). Appends only queue; the commit they ask
/// for stands behind everything that is in the mailbox by then, so a group is
/// whatever arrived while the disk was busy with the one before. Watches whom
/// it refuses, to forget them when they end. Spawn it detached: it waits for
/// the disk. On exit it writes what is queued.
store_server::behavior_type
store(store_server::stateful_pointer<store_state> self, store_context context);

} // namespace tidegate
