#pragma once

#include "actors/supervision/restart_policy.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace tidegate {

/// Starts a child; called on the supervisor's thread, again for each restart.
/// A null handle or an exception counts as `exit_kind::spawn_failed`.
using child_factory = std::function<caf::actor(caf::event_based_actor*)>;

/// How a supervisor asks a child whether it is well: it sends `check_health`.
/// `misses` bad or late answers in a row make the child unhealthy.
struct health_probe {
  std::chrono::milliseconds interval{10'000};
  std::chrono::milliseconds timeout{5'000};
  unsigned misses = 3;
};

/// Everything a supervisor knows about a child before it starts it.
struct child_spec {
  /// Unique among its siblings.
  std::string name;
  child_factory start;
  restart_policy policy = actor_restart_policy();
  std::optional<health_probe> probe;
  /// The child answers `get_tree`. Supervisors do.
  bool answers_tree = false;
  /// How long it may take to end before it is killed and given up on.
  std::chrono::milliseconds stop_grace{5'000};
};

} // namespace tidegate
