#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tidegate {

/// What a route says about its messages for when the quota is used up. One
/// that has been stored is only ever given up if its own route allows it; see
/// `eviction_order` for which goes first.
enum class on_full : std::uint8_t {
  /// New messages are refused; what was stored stays.
  reject,
  /// The oldest make room for new ones.
  drop_oldest,
  /// Those of the lowest priority make room for others, the oldest first.
  drop_lowest_priority,
};

inline constexpr std::array<std::string_view, 3> on_full_names{
  "reject", "drop-oldest", "drop-lowest-priority"};

/// As configurations, manifests and metrics spell it.
constexpr std::string_view to_string(on_full what) {
  return on_full_names[static_cast<std::size_t>(what)];
}

/// Nothing for a word that is none of the three.
constexpr std::optional<on_full> read_on_full(std::string_view text) {
  for (std::size_t i = 0; i < on_full_names.size(); ++i)
    if (on_full_names[i] == text)
      return static_cast<on_full>(i);
  return std::nullopt;
}

} // namespace tidegate
