#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tidegate {

/// How many bytes of telemetry may be on their way to the parent: as many as do
/// not wait for one another for long. A backlog would otherwise stand in front
/// of everything else that is said to the parent (design section 6), and make
/// nothing quicker. A pure value.
class upstream_pace {
public:
  using clock = std::chrono::steady_clock;

  static constexpr std::size_t least = 128u << 10;
  static constexpr std::size_t most = 4u << 20;
  /// More than this, and than half of the way itself, is a long wait.
  static constexpr auto long_wait = std::chrono::milliseconds{40};
  /// The way to a parent far away, and its disk, may take this long.
  static constexpr auto longest_way = std::chrono::milliseconds{1000};

  bool has_room() const { return on_way_ < limit_; }
  std::size_t on_way() const { return on_way_; }
  std::size_t limit() const { return limit_; }
  /// Several messages that are sent as one are not to become larger.
  std::size_t most_at_once() const { return limit_ / 4; }

  void sent(std::size_t size) { on_way_ += size; }

  /// The parent has acknowledged `size` bytes that were sent at `when`.
  void acknowledged(std::size_t size, clock::time_point when,
                    clock::time_point now) {
    way_ = std::min(way_, now - when);
    const auto waited = now - when - way_;
    const auto much = std::max<clock::duration>(long_wait, way_ / 2);
    if (waited < much / 2)
      limit_ = std::min(most, limit_ + size);
    else if (waited > much && when >= slowed_) {
      limit_ = std::max(least, limit_ / 2);
      slowed_ = now; // what is on its way by now tells nothing new
    }
    taken_back(size);
  }

  /// They are not on their way any more.
  void taken_back(std::size_t size) { on_way_ -= size; }

private:
  std::size_t on_way_ = 0;
  std::size_t limit_ = 512u << 10;
  clock::duration way_ = longest_way; ///< the quickest acknowledgement
  clock::time_point slowed_{};
};

} // namespace tidegate
