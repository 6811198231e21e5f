#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace tidegate {

/// When links that are wanted, and that the parent has closed, are opened
/// again: after 2 s, then twice as long each time, up to a minute. Links that
/// lasted for a minute begin anew.
class link_retry {
public:
  using clock = std::chrono::steady_clock;

  void opened(clock::time_point now) {
    due_.reset();
    opened_ = now;
  }

  clock::time_point opened_at() const { return opened_; }

  void ended(clock::time_point now) {
    using namespace std::chrono_literals;
    wait_ = now - opened_ >= 60s ? 2s : std::clamp(2 * wait_, 2s, 60s);
    due_ = now + wait_;
  }

  /// There was no room for them: there may be soon.
  void turned_away(clock::time_point now) {
    due_ = now + std::chrono::seconds{1};
  }

  /// They are not wanted any more.
  void forget() { due_.reset(); }

  bool waits() const { return due_.has_value(); }
  bool is_due(clock::time_point now) const { return due_ && *due_ <= now; }

private:
  std::optional<clock::time_point> due_;
  clock::time_point opened_{};
  std::chrono::seconds wait_{0};
};

} // namespace tidegate
