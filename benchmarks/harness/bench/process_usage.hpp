#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace tidegate::harness {

/// Proportional set size of a process in bytes: its own memory plus its share
/// of what it shares. Nothing when the process cannot be read.
std::optional<std::uint64_t> proportional_memory(int pid);

/// Time that all threads of a process have spent on a processor so far, user
/// and system. Nothing when the process cannot be read.
std::optional<std::chrono::nanoseconds> processor_time(int pid);

} // namespace tidegate::harness
