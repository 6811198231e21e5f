#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// `2026-01-02T03:04:05.0060000Z`: ISO 8601 in the round-trip form that system
/// properties carry (edge-hub spec 2.5). Times outside the years 1 to 9999
/// become the nearest one inside.
std::string time_text(std::int64_t milliseconds_since_1970);

/// The time that such a text names, in milliseconds since 1970. The fraction
/// (any length, cut to milliseconds) and the offset (`Z`, `+hh:mm`; absent is
/// UTC) may differ from the form above. Nothing when it is no time.
std::optional<std::int64_t> parse_time(std::string_view text);

} // namespace tidegate::amqp
