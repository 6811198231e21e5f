#pragma once

#include "messages/deployment/module_spec.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace tidegate {

/// How long a changed module has to become healthy before its last good
/// specification takes its place again. Nothing: there is no way back. The
/// module's own label wins over `usual`; neither is shorter than the time
/// that its health check needs for a first answer.
std::optional<std::chrono::milliseconds>
trial_grace(const deployment::module_spec& spec,
            std::optional<std::chrono::milliseconds> usual);

/// A changed module at the end of its grace.
struct trial_view {
  bool up = false;
  std::chrono::milliseconds up_for{0};
  /// What its health check said last; nothing without a check, or an answer.
  std::optional<bool> healthy;
  /// It ended, and that was all it had to do.
  bool finished = false;
};

/// Empty when it has passed: it is healthy by its own check, or runs without
/// one and has not ended for the last 10 s (half of `grace` when that is
/// less), or has finished. Else a sentence that says what is wrong.
std::string trial_problem(const deployment::module_spec& spec,
                          const trial_view& view,
                          std::chrono::milliseconds grace);

} // namespace tidegate
