#pragma once

#include "actors/clients/client_messages.hpp"
#include "messages/c2d_messages.hpp"
#include "storage/c2d_record.hpp"

#include <cstddef>
#include <vector>

namespace tidegate {

/// Asks what waits for a device, in order. `ec::not_found`: no such device.
struct list_c2d {
  identity_id target;
};

struct c2d_waiting {
  c2d_record message;
  bool under_way = false; ///< to the device, right now
};

/// Ends everything that waits for a device. Answered with how many that were;
/// `ec::not_found`: no such device.
struct purge_c2d {
  identity_id target;
};

struct c2d_purged {
  std::size_t count = 0;
};

/// Asks for feedback that has not been forgotten, at most so many records.
struct get_c2d_feedback {
  std::size_t most = 0;
};

/// The feedback of these messages has been read.
struct forget_c2d_feedback {
  std::vector<std::uint64_t> sequences;
};

/// To itself: something may have expired.
struct c2d_due {
  std::uint64_t number = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::list_c2d)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::purge_c2d)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::c2d_purged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_c2d_feedback)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::forget_c2d_feedback)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::c2d_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::c2d_waiting>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::c2d_feedback>)

namespace tidegate {

/// The queues of a node that is its own authority, for its operator and the
/// service.
using c2d_queues_actor = c2d_actor::extend<
  caf::replies_to<list_c2d>::with<std::vector<c2d_waiting>>,
  caf::replies_to<purge_c2d>::with<c2d_purged>,
  caf::replies_to<get_c2d_feedback>::with<std::vector<c2d_feedback>>,
  caf::reacts_to<forget_c2d_feedback>>;

} // namespace tidegate
