#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::docker {

/// Microseconds since 1970 of a time as a container engine writes it:
/// `2026-01-02T03:04:05.678901234Z`. Nothing when it is none.
std::optional<std::int64_t> parse_engine_time(std::string_view text);

/// Seconds with a fraction, as an engine takes times in queries.
std::string engine_time(std::int64_t milliseconds_since_1970);

} // namespace tidegate::docker
