#include "messages/routing/schema_version.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace tidegate::routing {

namespace {

constexpr int newest_minor = 3;
constexpr std::size_t most_parts = 4;

std::optional<int> read_part(std::string_view text) {
  int value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error != std::errc{} || text.starts_with('-'))
    return std::nullopt;
  return value;
}

} // namespace

std::optional<schema_version> parse_schema_version(std::string_view text) {
  schema_version version;
  std::size_t parts = 0;
  for (bool more = true; more; ++parts) {
    const auto dot = text.find('.');
    const auto part = read_part(text.substr(0, dot));
    if (!part || parts == most_parts)
      return std::nullopt;
    if (parts == 0)
      version.major = *part;
    if (parts == 1)
      version.minor = *part;
    more = dot != std::string_view::npos;
    text.remove_prefix(more ? dot + 1 : text.size());
  }
  if (parts < 2 || version.major != 1 || version.minor > newest_minor)
    return std::nullopt;
  return version;
}

} // namespace tidegate::routing
