#pragma once

#include "benchmarks/harness/load/event_loop.hpp"
#include "benchmarks/harness/net/client_stream.hpp"

#include <optional>

namespace tidegate::harness {

/// Waits until something listens at `door`, a numeric address; the time that
/// took, or nothing when it took longer than `patience`.
std::optional<std::chrono::nanoseconds>
time_until_open(const endpoint& door, event_loop& loop,
                std::chrono::duration<double> patience);

} // namespace tidegate::harness
