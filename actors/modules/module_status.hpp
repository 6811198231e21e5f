#pragma once

#include "actors/modules/engine_messages.hpp"
#include "actors/supervision/restart_policy.hpp"

#include <string>
#include <string_view>

namespace tidegate {

/// How a module is, as operators and the cloud are told (edge-agent spec
/// 2.2).
enum class runtime_status {
  unknown,
  running,
  stopped, ///< not running, exit code 0 or never started
  failed,  ///< not running, and will not be started again
  backoff, ///< waits to be started again
  unhealthy,
  dead, ///< cannot be removed
};

std::string_view to_string(runtime_status status);

/// The status of something that ended like `cause` and stays down.
runtime_status status_after(const exit_cause& cause);

/// The exit code a container would show: 128 + signal when killed, 127 when
/// it could not be started.
int exit_code(const exit_cause& cause);

/// One module, for lists and reports.
struct module_status {
  std::string name;
  std::string image;
  std::string image_hash; ///< `sha256:...`; empty when it is not known
  std::string version;
  bool wanted_running = true;
  restart_when restart = restart_when::on_unhealthy;
  std::uint32_t startup_order = 0;
  runtime_status status = runtime_status::unknown;
  /// Why the status is what it is; empty when there is nothing to say.
  std::string description;
  /// How it ended last; empty when this gateway has not seen it end.
  std::string last_cause;
  int exit_code = 0;
  std::int64_t pid = 0;
  wall_milliseconds last_start = 0;
  wall_milliseconds last_exit = 0;
  restart_record restarts;
};

} // namespace tidegate
