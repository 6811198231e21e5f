#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace tidegate::harness {

/// Which message each packet identifier stands for, in constant time and
/// without a map: consecutive sequence numbers take consecutive identifiers,
/// and as many slots as the window is wide are enough to tell them apart.
class in_flight {
public:
  /// At most `window` messages on their way, at least 1.
  explicit in_flight(std::uint16_t window)
    : identifiers_(std::numeric_limits<std::uint16_t>::max() / window * window),
      slots_(window, none) {}

  /// The identifier for `sequence`; nothing while the window is full.
  std::optional<std::uint16_t> add(std::uint64_t sequence) {
    auto& slot = slots_[sequence % slots_.size()];
    if (slot != none)
      return {};
    slot = sequence;
    return identifier(sequence);
  }

  /// Which message `packet_id` was given to; nothing when it is not on its
  /// way. Frees its place.
  std::optional<std::uint64_t> take(std::uint16_t packet_id) {
    if (packet_id == 0)
      return {};
    auto& slot = slots_[(packet_id - 1u) % slots_.size()];
    if (slot == none || identifier(slot) != packet_id)
      return {};
    const auto sequence = slot;
    slot = none;
    return sequence;
  }

private:
  static constexpr auto none = std::numeric_limits<std::uint64_t>::max();

  std::uint16_t identifier(std::uint64_t sequence) const {
    return static_cast<std::uint16_t>(sequence % identifiers_ + 1);
  }

  std::uint64_t identifiers_;
  std::vector<std::uint64_t> slots_;
};

} // namespace tidegate::harness
