#pragma once

#include <chrono>
#include <optional>

namespace tidegate {

/// Holds back what has failed, such as the pull of an image: after n failures
/// for more than `unit` * 2^n, without an upper end (edge-agent spec 3.5). A
/// new deployment clears it.
struct retry_gate {
  using time = std::chrono::steady_clock::time_point;

  std::chrono::milliseconds unit{10'000};
  /// Tries after which it is not tried again. Nothing: for ever.
  std::optional<unsigned> most_tries;
  unsigned failures = 0;
  time last_failure{};

  void failed(time now) {
    ++failures;
    last_failure = now;
  }

  /// It went well, or is another deployment's.
  void clear() { failures = 0; }

  /// How long after the last failure the next try is due; nothing when there
  /// is to be none.
  std::optional<std::chrono::milliseconds> wait() const;

  /// True when it may be tried at `now`.
  bool is_open(time now) const;
};

} // namespace tidegate
