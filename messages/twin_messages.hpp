#pragma once

#include "messages/bytes.hpp"
#include "messages/identity_id.hpp"

#include <boost/json/object.hpp>
#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace tidegate {

/// JSON text that is shared, never changed.
using shared_text = std::shared_ptr<const std::string>;

// What clients say of twins (edge-hub spec 1.11, 2.8 and 7).

/// Asks for the twin of `id` as its owner sees it.
struct get_twin {
  identity_id id;
};

/// `{"desired":{...,"$version":n},"reported":{...,"$version":n}}`
struct twin_text {
  shared_text json;
};

/// `id` reports a change of its own properties: JSON as the client sent it.
/// Answered once the change is as safe as a message and its notification has
/// been routed. `ec::bad_argument`: the client's fault (400); `ec::malformed`:
/// text that is no JSON (500); any other error: 500.
struct report_properties {
  identity_id id;
  bytes patch;
};

struct properties_reported {
  std::int64_t version = 0; ///< of the reported section, if it is known
};

/// To a session that wants desired properties: they changed. `patch` contains
/// `$version`.
struct desired_changed {
  identity_id id;
  std::int64_t version = 0;
  shared_text patch;
};

// What the operator and the service say of twins; hubs only.

/// Asks for the whole twin: ids, tags, etag, properties with metadata, as the
/// service API shows it.
struct get_twin_document {
  identity_id id;
};

/// Changes the `tags` and `properties.desired` that `change` contains. Merges
/// with null deleting, or replaces both sections. `ec::stale` when `if_match`
/// is given and is not the present etag; `ec::bad_argument` with the field's
/// name. Answered with the new document.
struct change_twin {
  identity_id id;
  boost::json::object change;
  bool replace = false;
  std::string if_match;
};

struct twin_document {
  boost::json::object value;
};

/// To the twins actor: the identity is no more, and its twin neither.
struct forget_twin {
  identity_id id;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_twin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::twin_text)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::report_properties)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::properties_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::desired_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_twin_document)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::change_twin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::twin_document)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::forget_twin)

namespace tidegate {

/// What sessions, and modules of this node, may ask about twins.
using twins_actor = caf::typed_actor<
  caf::replies_to<get_twin>::with<twin_text>,
  caf::replies_to<report_properties>::with<properties_reported>>;

/// What the service may ask as well, at a hub.
using twin_service_actor
  = twins_actor::extend<caf::replies_to<get_twin_document>::with<twin_document>,
                        caf::replies_to<change_twin>::with<twin_document>>;

} // namespace tidegate
