#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/routing/router.hpp"
#include "messages/twin/hub_report.hpp"
#include "messages/twin_messages.hpp"

#include <boost/json/object.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/stateful_actor.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace tidegate {

/// To itself: read the twin once more.
struct read_own_twin {};

/// To itself: what is known of clients by now is to be reported.
struct report_clients {};

struct own_twin_context {
  identity_id own; ///< the node's `$edgeHub` module
  twins_actor twins;
  router_actor router;
  client_registry_actor clients;
  std::string version; ///< of the program
  std::function<wall_time()> now;
  /// Makes routes of desired properties; none when the configuration is local.
  std::function<caf::expected<set_routes>(const boost::json::object&)> read;
  /// Keeps desired properties that are going to be applied, for the next
  /// start.
  std::function<caf::error(const boost::json::object&)> keep;
  /// Those that were applied at start; empty if none were.
  boost::json::object applied;
  /// The twin is read this often in any case (edge-hub spec 10.2,
  /// `ConfigRefreshFrequencySecs`).
  std::chrono::milliseconds refresh{std::chrono::hours{1}};
  /// Room for the clients in what is reported, in bytes.
  std::size_t room_for_clients = twin::hub_report::room_for_clients;
  /// Who comes and goes within this time is reported together.
  std::chrono::milliseconds clients_pause{1000};
};

struct own_twin_state {
  static inline const char* name = "own_twin";

  own_twin_state() : report{""} {}

  own_twin_context context;
  boost::json::object desired; ///< the last known, with `$version`
  bool setting = false;        ///< routes are on their way to the router
  bool again = false;          ///< and will be old when they are there
  /// What was last said of a configuration: its version, and how it was.
  std::pair<std::int64_t, int> told{-1, 0};
  std::unordered_map<identity_id, caf::actor> clients;
  twin::hub_report report;
  bool clients_wait = false;       ///< `report_clients` will come
  std::deque<std::string> sending; ///< the first one is on its way
};

/// Lives by the node's own module twin, `$edgeHub` (edge-hub spec 10): has the
/// router route as desired properties say, and reports what came of it and who
/// is connected. Desired properties that are wrong are reported and change
/// nothing. Started when the first routes are in force.
caf::behavior own_twin(caf::stateful_actor<own_twin_state>* self,
                       own_twin_context context);

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::read_own_twin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::report_clients)
