#pragma once

#include <chrono>

namespace tidegate {

/// How long attempts to reach the parent wait.
struct reconnect_policy {
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds longest{60'000};
  /// A connection that lasted this long was a good one: counting starts anew.
  std::chrono::milliseconds stable{30'000};
};

/// The wait before the next attempt, after `failures` attempts in a row have
/// failed: exponential with full jitter. With `random` in [0, 1) it lies in
/// [0, min(longest, first x 2^(failures - 1))); no failure, no wait.
std::chrono::milliseconds reconnect_delay(const reconnect_policy& policy,
                                          unsigned failures, double random);

} // namespace tidegate
