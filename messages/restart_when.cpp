#include "messages/restart_when.hpp"

#include <array>

namespace tidegate {

namespace {

constexpr std::array<std::string_view, 4> names{"never", "on-failure",
                                                "on-unhealthy", "always"};

} // namespace

std::string_view to_string(restart_when when) {
  return names[static_cast<std::size_t>(when)];
}

std::optional<restart_when> parse_restart_when(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text)
      return static_cast<restart_when>(i);
  return std::nullopt;
}

} // namespace tidegate
