#pragma once

#include "messages/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tidegate {

/// Bytes that may be with one target: they stay in memory.
inline constexpr std::size_t most_delivered_bytes = 16u << 20;
/// Messages that may be with it however large they are.
inline constexpr std::uint32_t fewest_delivered = 32;

/// How many messages may be with a target and not yet acknowledged, when they
/// have had `average_size` bytes of late: at most `most`, and at most about
/// `most_bytes` together, but never fewer than `least`.
std::uint32_t delivery_window(std::size_t average_size, std::uint32_t most,
                              std::size_t most_bytes = most_delivered_bytes,
                              std::uint32_t least = fewest_delivered);

/// Follows the size of what a route delivers to a target, and with it the
/// window that there is room for.
class window_follower {
public:
  explicit window_follower(std::uint32_t most,
                           std::size_t most_bytes = most_delivered_bytes)
    : most_{most}, most_bytes_{most_bytes} {}

  /// The target takes so many from now on.
  void limit(std::uint32_t most) { most_ = most; }
  /// So many bytes of them from now on, and `least` messages in any case.
  void limit_bytes(std::size_t most, std::uint32_t least) {
    most_bytes_ = most;
    least_ = least;
  }

  void saw(const deliver& what);

  /// The window at present.
  std::uint32_t window() const {
    return delivery_window(average_size_, most_, most_bytes_, least_);
  }

  /// The window to announce: at first, and whenever it has changed by much.
  std::optional<std::uint32_t> news();

private:
  std::uint32_t most_;
  std::size_t most_bytes_;
  std::uint32_t least_ = fewest_delivered;
  std::size_t average_size_ = 0;
  std::uint32_t announced_ = 0;
};

} // namespace tidegate
