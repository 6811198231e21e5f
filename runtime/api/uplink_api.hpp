#pragma once

#include "actors/uplink/uplink.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/router.hpp"

#include <boost/json/object.hpp>

namespace tidegate {

/// The operator's calls about the uplink: `GET /uplink`, `POST /uplink/pause`
/// and `POST /uplink/resume`; each answers with how the uplink is. `root` is
/// the root supervisor. At a hub, which has no uplink, they answer 409.
void add_uplink_api(http::router& to, const caf::actor& root,
                    const actor_bridge& actors, bool is_hub);

/// The uplink as `tidegate status --json` prints it.
boost::json::object uplink_document(const uplink_status& of);

} // namespace tidegate
