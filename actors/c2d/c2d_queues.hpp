#pragma once

#include "actors/c2d/c2d_queue.hpp"
#include "actors/c2d/queue_messages.hpp"
#include "actors/metrics.hpp"
#include "messages/routing/guid_source.hpp"
#include "storage/c2d_store.hpp"
#include "storage/identity_store.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace tidegate {

using c2d_queues_behavior
  = c2d_queues_actor::extend<caf::reacts_to<clients_changed>,
                             caf::reacts_to<c2d_due>>;

struct c2d_queues_context {
  std::shared_ptr<c2d_store> store;
  /// Which devices there are.
  std::shared_ptr<const identity_store> identities;
  client_registry_actor clients;
  std::shared_ptr<metrics> meters;
  std::function<wall_time()> now;
  /// What lock tokens are made from; a random number.
  std::uint64_t seed = 0;
  c2d_limits limits;
  /// How often it is seen whether devices that have messages are still there.
  std::chrono::minutes upkeep{1};
};

struct c2d_queues_state {
  static inline const char* name = "c2d_queues";

  struct listener {
    caf::actor session;
    bool wants = false;
  };

  c2d_queues_context context;
  std::unordered_map<std::string, c2d_queue> queues; ///< none is empty
  std::unordered_map<std::string, listener> listeners;
  routing::guid_source tokens{0};
  /// The timer that counts, and when it ends.
  std::uint64_t timer = 0;
  std::chrono::steady_clock::time_point armed{};
};

/// Keeps messages for devices and delivers them to those that want them: in
/// order, several at a time, until each is completed, rejected, expired, or
/// was attempted too often. A disconnected device, and one that does not
/// answer within the lock's time, have attempted. Queues of devices that are
/// gone, or were made anew, go with them. To be spawned with a thread of its
/// own: it waits for the disk.
c2d_queues_behavior::behavior_type
c2d_queues(c2d_queues_behavior::stateful_pointer<c2d_queues_state> self,
           c2d_queues_context context);

} // namespace tidegate
