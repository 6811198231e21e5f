#pragma once

#include <string_view>

namespace tidegate::deployment {

/// True for the schema versions an agent takes: major 1, at most 1.1.0, two
/// to four numbers (edge-agent spec 1.1).
bool is_supported_schema(std::string_view version);

} // namespace tidegate::deployment
