#pragma once

#include "runtime/engines/launch_record.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace tidegate {

/// Runs a command as the module of `launch`, and kills it, with all that it has
/// started, when it ends or `timeout` has passed. Returns what to exit with:
/// the command's own code, 128 and the signal that ended it, or
/// `probe_too_late`, `probe_cannot_run`.
int run_probe(launch_record launch, std::vector<std::string> command,
              std::chrono::milliseconds timeout);

inline constexpr int probe_too_late = 124;
inline constexpr int probe_cannot_run = 127;

} // namespace tidegate
