#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace tidegate::routing {

/// The `schemaVersion` of a hub's desired properties (edge-hub spec 10.1).
struct schema_version {
  int major = 1;
  int minor = 0;

  auto operator<=>(const schema_version&) const = default;
};

/// Reads `1.0` to `1.3`; one or two further parts are allowed and ignored.
/// Nothing for every other text.
std::optional<schema_version> parse_schema_version(std::string_view text);

} // namespace tidegate::routing
