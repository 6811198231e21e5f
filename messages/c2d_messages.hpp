#pragma once

#include "messages/bytes.hpp"
#include "messages/identity_id.hpp"
#include "messages/lane.hpp"
#include "messages/message_head.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <cstdint>
#include <string>

namespace tidegate {

// Cloud-to-device messages (edge-hub spec 1.9, 2.5, 2.7 and 6.5).

/// One message on its way to a device. `head` holds what the service said of
/// it: user properties, and system properties under their internal names
/// (`messageId`, `cid`, `to`, `absolute-expiry-time`, ...). Its `sender` is
/// empty.
struct c2d_message {
  head_ptr head;
  bytes payload;
  std::string lock_token;           ///< a GUID; names this delivery attempt
  std::uint32_t delivery_count = 0; ///< attempts before this one
  std::uint64_t sequence = 0;
  wall_time enqueued{};
};

/// To the session of a device that wants commands.
struct deliver_c2d {
  identity_id target;
  c2d_message message;
};

enum class c2d_outcome : std::uint8_t {
  complete, ///< the device has taken it
  abandon,  ///< not now: deliver again
  reject    ///< never: dead
};

/// From a session: what became of a delivery. A token that is not outstanding
/// is ignored.
struct c2d_decided {
  identity_id by;
  std::string lock_token;
  c2d_outcome outcome = c2d_outcome::complete;
};

/// What the sender wants to hear of the fate of its message.
enum class c2d_ack : std::uint8_t { none, positive, negative, full };

/// Queues a message for a device; hubs, and gateways that are their own
/// authority, only. Answered once it is synced. `ec::not_found`: no such
/// device; `ec::store_full`: the device's queue holds as many as it may;
/// `ec::bad_argument` names the field.
struct send_c2d {
  identity_id target;
  head_ptr head;
  bytes payload;
  wall_time expires = no_expiry;
  c2d_ack ack = c2d_ack::none;
};

struct c2d_queued {
  std::uint64_t sequence = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::c2d_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::deliver_c2d)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::c2d_decided)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::send_c2d)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::c2d_queued)

namespace tidegate {

/// Brings messages from the cloud to devices.
using c2d_actor = caf::typed_actor<caf::reacts_to<c2d_decided>,
                                   caf::replies_to<send_c2d>::with<c2d_queued>>;

} // namespace tidegate
