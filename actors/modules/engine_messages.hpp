#pragma once

#include "actors/modules/machine.hpp"
#include "actors/supervision/exit_cause.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// Milliseconds since 1970; 0 means never.
using wall_milliseconds = std::int64_t;

/// What is remembered of a module's restarts when the gateway itself is
/// restarted (edge-agent spec 3.7).
struct restart_record {
  unsigned attempts = 0; ///< since it was last stable
  unsigned restarts = 0; ///< ever
  wall_milliseconds last_restart = 0;
  /// It has been seen to work since it was created.
  bool proven = false;

  bool operator==(const restart_record&) const = default;
};

/// What an engine knows about one module.
struct module_record {
  std::string name;
  /// Of the launch it was created with.
  std::string hash;
  /// Of what it runs, `sha256:...`; empty when that is not known.
  std::string image_hash;
  /// `module_launch::memo` of that launch.
  std::string memo;
  bool running = false;
  /// The engine could not remove it. It must be removed and made again.
  bool dead = false;
  std::int64_t pid = 0; ///< of its main process; 0 when it does not run
  wall_milliseconds started = 0;
  wall_milliseconds finished = 0;
  /// How it ended last; nothing when it never ran.
  std::optional<exit_cause> ended;
  restart_record restarts;
};

/// Answer to `engine::prepare`, `engine::create` and `engine::remove`. An
/// empty `problem` means done.
struct engine_done {
  std::string name;
  std::string problem;
  /// In answers to `prepare` the hash of the launch; empty in all others.
  std::string prepared;
};

/// The module runs.
struct module_up {
  std::string name;
  std::int64_t pid = 0;
  wall_milliseconds started = 0;
  std::string image_hash; ///< as in `module_record`
};

/// The module does not run (any more). One that never came up has the cause
/// `exit_kind::spawn_failed`.
struct module_down {
  std::string name;
  exit_cause cause;
  wall_milliseconds finished = 0;
  bool dead = false; ///< as in `module_record`
};

/// The engine's own judgement of a running module, such as that of a
/// container's health check, which has counted its retries already. Goes to
/// the owner unasked, whenever it changes.
struct module_health {
  std::string name;
  bool healthy = false;
  std::string detail; ///< why not
};

/// Answer to `engine::probe`.
struct probe_done {
  std::string name;
  bool healthy = false;
  std::string detail; ///< why not
};

/// Answer to `engine::list`, in no order, and to `engine::inspect`.
struct engine_modules {
  std::string inspected; ///< the name asked for; empty in a list
  std::vector<module_record> modules;
};

/// Answer to `engine::usage`: all modules that run.
struct engine_usage {
  std::vector<module_usage> modules;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::engine_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_health)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::probe_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::engine_modules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::engine_usage)
