#pragma once

#include "actors/supervision/exit_cause.hpp"

#include <optional>

namespace tidegate {

/// A module that the engine already had when its actor began.
struct found_module {
  bool wanted_running = true;
  bool running = false;
  /// How it ended; nothing when it was never started.
  std::optional<exit_cause> ended;
};

enum class found_need {
  nothing,
  start, ///< it was never started, or was stopped with its gateway
  stop,  ///< it runs, and should not
  judge, ///< it ended by itself: the restart policy decides
};

/// What such a module needs first.
found_need need_of(const found_module& module);

} // namespace tidegate
