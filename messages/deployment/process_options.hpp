#pragma once

#include "messages/deployment/field_reader.hpp"

#include <chrono>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace tidegate::deployment {

/// A resource limit of one process, as `setrlimit` takes it.
struct ulimit {
  std::string name; ///< `nofile`, `core`, `cpu`, ...
  /// Nothing means unlimited.
  std::optional<std::uint64_t> soft, hard;

  bool operator==(const ulimit&) const = default;
};

/// Limits of a module as a whole.
struct resource_limits {
  std::optional<std::uint64_t> memory;    ///< bytes
  std::optional<std::uint64_t> nano_cpus; ///< billionths of a CPU
  std::optional<std::uint64_t> pids;
  std::vector<ulimit> ulimits;

  bool operator==(const resource_limits&) const = default;
};

/// How to tell whether a running module is well.
struct health_check {
  /// The command to run, healthy when it ends with 0.
  std::vector<std::string> command;
  /// The page to ask for, healthy when it answers 200 to 399. Without it and
  /// a command the module is healthy while its client session is connected.
  std::string url;
  std::chrono::milliseconds interval{30'000};
  std::chrono::milliseconds timeout{30'000};
  /// Failures this soon after the start do not count.
  std::chrono::milliseconds start_period{0};
  unsigned retries = 3;

  bool operator==(const health_check&) const = default;
};

/// A folder that a module shares with the machine, or keeps for later ones of
/// its name.
struct volume {
  std::string source; ///< an absolute path, or the name of a kept folder
  std::string target; ///< where a container would see it

  bool operator==(const volume&) const = default;
};

/// What `settings.createOptions` says to the process engine (edge-agent spec
/// 14). The keys are those of a container, and mean the same.
struct process_options {
  std::vector<std::string> entrypoint; ///< replaces the program
  std::vector<std::string> command;    ///< arguments after it
  std::string working_folder;
  std::map<std::string, std::string> env;
  std::string user; ///< `name`, `uid`, `uid:gid`; empty: the gateway's own
  std::optional<std::chrono::seconds> stop_grace;
  resource_limits limits;
  std::vector<volume> volumes; ///< `Binds`, then `Mounts`
  std::optional<health_check> health;

  bool operator==(const process_options&) const = default;
};

/// Which limits the engine can enforce for a module as a whole.
struct limit_support {
  bool cpu = false;
  bool pids = false;
};

/// Reads the parsed create options. Every key that the process engine cannot
/// honour is an error: nothing is dropped in silence.
process_options read_process_options(const field_reader& from,
                                     limit_support support);

} // namespace tidegate::deployment
