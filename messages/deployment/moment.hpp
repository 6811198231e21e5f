#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tidegate::deployment {

/// The moment that `since` or `until` of a request for logs names, in
/// milliseconds since 1970 (edge-agent spec 6.1): `2026-01-02T03:04:05Z`,
/// seconds since 1970, or how long before `now`, in parts like `1d`, `90m`,
/// `2 days 3h`. Nothing when it is none of these. What lies before 1970 is
/// 1970.
std::optional<std::int64_t> parse_moment(std::string_view text,
                                         std::int64_t now);

} // namespace tidegate::deployment
