#pragma once

#include "actors/metrics.hpp"
#include "actors/routing/delivery_budget.hpp"
#include "actors/routing/delivery_window.hpp"
#include "actors/routing/kept_back.hpp"
#include "actors/routing/lane_window.hpp"
#include "actors/routing/route_meters.hpp"
#include "messages/delivery.hpp"
#include "messages/store_messages.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tidegate {

/// Gives a route one more lane to pump: a further priority of its sink.
struct add_lane {
  lane_id lane{};
};

/// What a route tells the operator.
struct route_status {
  std::string sink;
  std::uint64_t pending = 0;
  std::uint32_t outstanding = 0;
  bool has_target = false;
};

struct get_route_status {};

/// A route to itself: the pause after a failure is over.
struct pause_over {};

/// A route to itself: time to look at what has expired.
struct look_for_expired {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::add_lane)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::route_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_route_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::pause_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::look_for_expired)

namespace tidegate {

/// What a route needs from its node.
struct route_context {
  store_actor store;
  lane_reader_actor reader;
  std::shared_ptr<metrics> meters;
  std::function<wall_time()> now;
  /// The time that has passed, by which messages expire.
  std::function<elapsed_time()> elapsed;
  /// The memory for messages; null where there is one route only.
  std::shared_ptr<delivery_budget> memory;
  /// First pause before messages are sent again after "retry"; see
  /// `retry_pause`.
  std::chrono::milliseconds retry_unit{1000};
};

/// Pause before messages that a target could not take are sent again, after
/// `failures` failures in a row (0 for the first): unit + (2^n - 1) x jitter
/// x unit, at most 60 units; `jitter` is 0.8 to 1.2 (edge-hub spec 5.4).
std::chrono::milliseconds retry_pause(std::chrono::milliseconds unit,
                                      unsigned failures, double jitter);

using route_actor
  = caf::typed_actor<caf::reacts_to<add_lane>, caf::reacts_to<lane_stored>,
                     caf::reacts_to<lane_evicted>, caf::reacts_to<target_ready>,
                     caf::reacts_to<target_gone>, caf::reacts_to<delivered>,
                     caf::reacts_to<kept_back>, caf::reacts_to<pause_over>,
                     caf::reacts_to<look_for_expired>,
                     caf::replies_to<get_route_status>::with<route_status>>;

struct route_state {
  static inline const char* name = "route";
  route_context context;
  std::string sink;
  std::vector<lane_window> lanes; ///< highest priority (lowest number) first
  std::unique_ptr<route_meters> meters;
  caf::actor target;
  delivery_budget::share memory; ///< while there is a target
  std::string input;
  /// What the target announced, less when messages are large: a target that
  /// takes nothing must not fill the memory.
  window_follower window{0};
  /// With the target, but for what it keeps back.
  std::int64_t outstanding = 0;
  unsigned failures = 0;
  bool pausing = false;
};

/// Pumps the lanes of one sink into its target, in order, higher priorities
/// first, with a window of messages in flight; moves the cursors as the
/// target answers (design section 4). Lanes of one priority take turns by the
/// age of what is next in them. Routes into the same sink share their
/// lanes (edge-hub spec 4.9), so this actor serves all of them.
route_actor::behavior_type
route(route_actor::stateful_pointer<route_state> self, route_context context,
      std::string sink);

} // namespace tidegate
