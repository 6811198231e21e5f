#pragma once

#include "messages/twin_messages.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/router.hpp"

namespace tidegate {

/// Reads and changes twins over HTTP.
struct twin_calls {
  twin_service_actor twins;
  actor_bridge actors;
  error_teller tell = tell_plain_error;

  void get(const identity_id& id, const http::responder& answer) const;

  /// PATCH merges, PUT replaces; `If-Match` names the etag that is expected.
  void change(const http::request& asked, const identity_id& id,
              const http::responder& answer) const;
};

/// The operator's calls for twins, at a hub: `GET` reads
/// `/twins/{device}[/{module}]` as the service shows it, `PATCH` merges `tags`
/// and `properties.desired` of the body, `PUT` replaces them. `If-Match` names
/// the etag that the twin must have. `twins` is null where the authority for
/// twins is elsewhere: at `hub_host`.
void add_twins_api(http::router& to, twin_service_actor twins,
                   const std::string& hub_host, actor_bridge actors);

} // namespace tidegate
