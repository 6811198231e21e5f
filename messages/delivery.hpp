#pragma once

#include "messages/lane.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <string>

namespace tidegate {

/// Records [from, to) of one block, to be given to a target.
struct delivery {
  lane_id lane{};
  stored_block block;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

/// A route hands these to its target: a module's session, the uplink. The
/// target answers every record, in any grouping, with `delivered`; one that
/// dies instead has answered "retry" for all of them.
struct deliver {
  caf::actor route;
  std::string input; ///< the module's input; empty towards the uplink
  std::vector<delivery> items;
  /// The route's endpoint, `edge-1/filter/in1` or `iothub`: tells a session
  /// that speaks for several modules which one is meant.
  std::string sink;
};

enum class delivery_result : std::uint8_t {
  done,  ///< taken: the cursor may pass
  retry, ///< not now: deliver again, later
  poison ///< never: count as rejected and pass
};

/// Offsets [first, first + count) of `lane` ended with `result`.
struct delivered_range {
  lane_id lane{};
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  delivery_result result = delivery_result::done;
};

struct delivered {
  std::vector<delivered_range> ranges;
};

/// A target says that it takes messages for `sink_prefix` (a module's
/// `edge-1/filter/`, or `iothub`), at most `window` at a time. Sent by the
/// target to the router.
struct target_ready {
  std::string sink_prefix;
  caf::actor target;
  std::uint32_t window = 0;
};

/// The target no longer takes messages. Its death says the same.
struct target_gone {
  std::string sink_prefix;
  caf::actor target;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::deliver)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::delivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::target_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::target_gone)
