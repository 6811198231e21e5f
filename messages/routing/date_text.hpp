#pragma once

#include <string_view>

namespace tidegate::routing {

/// True for an ISO 8601 date with time as the reference's JSON reader takes
/// it: `2026-01-02T03:04:05`, with optional fraction and zone (`Z`, `+01`,
/// `+0130`, `+01:30`). Body queries do not see such strings (edge-hub spec
/// 4.7).
bool is_date_time(std::string_view text);

} // namespace tidegate::routing
