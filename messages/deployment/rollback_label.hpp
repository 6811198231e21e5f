#pragma once

#include "messages/deployment/field_reader.hpp"

#include <chrono>
#include <optional>

namespace tidegate::deployment {

/// The label among the create options that says how long a changed module may
/// take to become healthy before its last good specification takes its place
/// again: seconds, or `off`.
inline constexpr auto rollback_label = "tidegate.rollback";
inline constexpr std::uint64_t longest_rollback_grace = 86'400;

/// Reads it; 0 is off, nothing means that it is not given. Anything else is
/// an error.
std::optional<std::chrono::seconds> read_rollback(const field_reader& options);

} // namespace tidegate::deployment
