#pragma once

#include "actors/routing/event_log_messages.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/router.hpp"

#include <boost/json/object.hpp>
#include <functional>
#include <string_view>

namespace tidegate {

/// The operator's calls about a hub's event log: `GET
/// /events[?from=N][&follow]` streams it, `POST /events/trim` removes what is
/// oldest. `log` gives the log, or null where there is none, which answers 409.
void add_events_api(http::router& to, std::function<event_log_actor()> log,
                    const actor_bridge& actors);

/// What `POST /events/trim` is sent: one of `before` (a time, ISO 8601),
/// `toOffset` (a number) and `keep` (bytes), and perhaps `dryRun`. On failure
/// returns nothing and says in `why` what is wrong.
std::optional<trim_events> parse_trim(std::string_view body, std::string& why);

/// The event log as `tidegate status --json` prints it.
boost::json::object event_log_document(const event_log_status& of);

} // namespace tidegate
