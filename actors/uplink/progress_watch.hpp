#pragma once

#include <chrono>
#include <cstdint>

namespace tidegate {

/// Notices a parent that is connected but does not acknowledge anything
/// (design section 6): messages wait, and nothing has moved for `patience`.
class progress_watch {
public:
  using clock = std::chrono::steady_clock;

  explicit progress_watch(std::chrono::milliseconds patience)
    : patience_{patience} {}

  std::uint64_t waiting() const { return waiting_; }

  /// `count` of those that wait are kept back by this node.
  void held(std::uint64_t count) { held_ += count; }

  /// `count` that were kept back are not any more.
  void released(std::uint64_t count, clock::time_point now) {
    if (waiting_ == held_)
      moved_ = now;
    held_ -= count;
  }

  /// `count` more messages wait for the parent.
  void sent(std::uint64_t count, clock::time_point now) {
    if (waiting_ == held_)
      moved_ = now;
    waiting_ += count;
  }

  /// The parent has answered `count` of them.
  void answered(std::uint64_t count, clock::time_point now) {
    waiting_ -= count;
    moved_ = now;
  }

  bool stalled(clock::time_point now) const {
    return waiting_ > held_ && now - moved_ >= patience_;
  }

private:
  std::chrono::milliseconds patience_;
  std::uint64_t waiting_ = 0;
  std::uint64_t held_ = 0; ///< of those
  clock::time_point moved_{};
};

} // namespace tidegate
