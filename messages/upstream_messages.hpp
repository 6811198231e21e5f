#pragma once

#include "messages/c2d_messages.hpp"
#include "messages/method_messages.hpp"
#include "messages/twin_messages.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

namespace tidegate {

// The conversation of a gateway with what is above it, for its clients and
// itself, beside telemetry (edge-hub spec 6 and 7). Whoever holds a connection
// to the parent implements `upstream_actor`, and
//
// - sends `upstream_ready` to the node's twins and cloud-to-device actors once
//   the parent has taken this node, before it takes any backlog; its end says
//   that the parent is out of reach;
// - sends `upstream_desired` to the twins actor for every identity that was
//   followed by `follow_desired`, and `desired_missed` when changes may have
//   gone by unheard;
// - takes no backlog until the twins actor has said `twins_caught_up`, or has
//   had time enough to;
// - watches the registry for clients that want methods or cloud-to-device
//   messages (`client_wants`), and asks the parent for these on their behalf;
// - requests `invoke_method`, with the caller `parent`, of the methods actor
//   for a call that the parent makes; `ec::not_found` is status 404,
//   `ec::timed_out` 504;
// - sends `deliver_c2d` to the cloud-to-device actor for a message that the
//   parent holds locked, and takes `c2d_decided` for it.
//
// Requests that cannot be made or are not answered fail with
// `ec::unavailable` or `ec::timed_out`, those whose connection ended with
// `ec::io_failed`; what the parent refuses with
// `ec::bad_argument` (400), `ec::not_found` or `ec::unauthorized`.

/// Asks the parent for the twin of `id`, in the form of `twin_text`.
struct fetch_twin {
  identity_id id;
};

/// Sends changes of the reported properties of `id`, a null for what is gone,
/// to the parent. Answered once the parent has taken them.
struct push_reported {
  identity_id id;
  shared_text patch;
};

/// From now on the parent is to say when desired properties of `id` change,
/// or need not any more. Lasts as long as the connection; answered once the
/// parent knows. What is asked for one identity reaches the parent in order.
struct follow_desired {
  identity_id id;
  bool wanted = true;
};

struct desired_followed {};

/// To the twins actor of a gateway: the desired properties of `id` changed.
/// `patch` is the parent's text and contains `$version`.
struct upstream_desired {
  identity_id id;
  shared_text patch;
};

/// To the twins actor of a gateway: desired properties of `id`, which were
/// followed, may have changed without a word.
struct desired_missed {
  identity_id id;
};

/// From the twins actor: what there was to follow, report and read when the
/// parent came back has been dealt with. Said once for each `upstream_ready`.
struct twins_caught_up {};

/// The parent can be reached through `upstream`, an `upstream_actor`, until
/// that ends.
struct upstream_ready {
  caf::actor upstream;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::fetch_twin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::push_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::follow_desired)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::desired_followed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::upstream_desired)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::desired_missed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::twins_caught_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::upstream_ready)

namespace tidegate {

/// The parent, as the actors of a gateway see it.
using upstream_actor
  = caf::typed_actor<caf::replies_to<fetch_twin>::with<twin_text>,
                     caf::replies_to<push_reported>::with<properties_reported>,
                     caf::replies_to<follow_desired>::with<desired_followed>,
                     caf::reacts_to<c2d_decided>,
                     caf::reacts_to<twins_caught_up>>;

} // namespace tidegate
