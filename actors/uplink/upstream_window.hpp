#pragma once

#include "messages/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tidegate {

/// Bytes that routes may leave with the uplink: they stay in memory.
inline constexpr std::size_t most_upstream_bytes = 16u << 20;

/// How many messages a route may leave with the uplink, when they have had
/// `average_size` bytes of late: at most `most`, and at most about
/// `most_bytes` together, but never fewer than a few.
std::uint32_t upstream_window(std::size_t average_size, std::uint32_t most,
                              std::size_t most_bytes = most_upstream_bytes);

/// Follows the size of what routes deliver to a session of the uplink, and
/// with it the window that the session announces to them.
class window_follower {
public:
  explicit window_follower(std::uint32_t most,
                           std::size_t most_bytes = most_upstream_bytes)
    : most_{most}, most_bytes_{most_bytes} {}

  void saw(const deliver& what);

  /// The window to announce: at first, and whenever it has changed by much.
  std::optional<std::uint32_t> news();

private:
  std::uint32_t most_;
  std::size_t most_bytes_;
  std::size_t average_size_ = 0;
  std::uint32_t announced_ = 0;
};

} // namespace tidegate
