#include "messages/deployment/schema_version.hpp"

#include <charconv>
#include <cstdint>
#include <vector>

namespace tidegate::deployment {

bool is_supported_schema(std::string_view version) {
  std::vector<std::uint32_t> parts;
  const auto* at = version.data();
  const auto* end = at + version.size();
  while (parts.size() < 4) {
    std::uint32_t part = 0;
    const auto [next, problem] = std::from_chars(at, end, part);
    if (problem != std::errc{})
      return false;
    parts.push_back(part);
    at = next;
    if (at == end || *at != '.')
      break;
    ++at;
  }
  if (at != end || parts.size() < 2)
    return false;
  // A vector that is shorter sorts first, as an absent number must.
  return parts[0] == 1 && parts <= std::vector<std::uint32_t>{1, 1, 0};
}

} // namespace tidegate::deployment
