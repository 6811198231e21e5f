#pragma once

#include "benchmarks/harness/chaos/options.hpp"

namespace tidegate::harness {

/// `tidegate chaos`: breaks a gateway of its own while it works and proves
/// that nothing acknowledged was lost; writes the verdict to standard output.
/// Returns the exit code: 0 proven, 1 not, 2 wrong usage.
int run_chaos(const chaos_options& options);

/// Registers `tidegate chaos` on `app`; its exit code goes to `result`, which
/// must live as long as `app`.
void add_chaos_command(CLI::App& app, int& result);

} // namespace tidegate::harness
