#pragma once

#include "runtime/config/config.hpp"

namespace tidegate {

/// Runs a node until it is told to stop (SIGTERM, SIGINT) or cannot go on.
/// Returns the process's exit code: 0 after a stop, 1 when it could not start
/// or go on, 2 for a wrong configuration; the reason is logged.
int run_node(const config& with);

} // namespace tidegate
