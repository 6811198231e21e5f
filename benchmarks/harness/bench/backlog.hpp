#pragma once

#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/load/load.hpp"

namespace tidegate::harness {

/// Makes the server keep what is published, with nobody there to take it:
/// subscribes once, so that a broker keeps messages for those who left (a
/// gateway keeps them anyway), and publishes `options.count` messages. Notes
/// the rate, and the server's memory before, at a quarter and at the end.
/// False, with a fault in `result`, when not all of them were acknowledged.
bool build_backlog(load& traffic, const bench_setting& with,
                   bench_result& result);

} // namespace tidegate::harness
