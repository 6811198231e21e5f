#pragma once

#include "benchmarks/harness/bench/options.hpp"

namespace tidegate::harness {

/// `tidegate bench`: measures, writes the result to standard output. Returns
/// the exit code: 0 measured, 1 something was lost or went wrong, 2 wrong
/// usage.
int run_bench(const bench_options& options);

/// Registers `tidegate bench` on `app`; its exit code goes to `result`, which
/// must live as long as `app`.
void add_bench_command(CLI::App& app, int& result);

} // namespace tidegate::harness
