#include "actors/uplink/upstream_window.hpp"

#include <algorithm>

namespace tidegate {

namespace {

constexpr std::size_t most_bytes = 16u << 20;
constexpr std::uint32_t fewest = 32;

} // namespace

std::uint32_t upstream_window(std::size_t average_size, std::uint32_t most) {
  const auto fitting = most_bytes / std::max<std::size_t>(average_size, 1);
  const auto window
    = static_cast<std::uint32_t>(std::min<std::size_t>(fitting, most));
  return std::max(window, std::min(fewest, most));
}

} // namespace tidegate
