#pragma once

#include "actors/identity/identities.hpp"
#include "actors/modules/engine.hpp"
#include "runtime/api/module_details.hpp"
#include "runtime/http/router.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tidegate {

/// What the calls of `daemon_api` work on.
struct daemon_context {
  module_directory modules;
  std::shared_ptr<engine> runs_them;
  identities_actor identities;
  std::string device; ///< the edge device that this gateway is
  /// The time of day, milliseconds since 1970.
  std::function<std::int64_t()> now;
  std::chrono::steady_clock::time_point started
    = std::chrono::steady_clock::now();
};

/// The management API of IoT Edge's daemon, for tools that know it such as
/// `iotedge list` (edge-agent spec 6.1): modules, their logs, start, stop,
/// restart, identities, the machine. What only its agent may call, changes of
/// modules and identities, is answered with 403: this gateway's agent is part
/// of it, and a deployment changes modules.
///
/// `to` answers the wrong method with 400.
void add_daemon_api(http::router& to, daemon_context context);

} // namespace tidegate
