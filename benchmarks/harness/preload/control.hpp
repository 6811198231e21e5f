#pragma once

#include <atomic>
#include <cstdint>

namespace tidegate::harness {

/// What the harness tells the preloaded library of a node, and hears from it:
/// the beginning of a file that both have mapped. All zero is a machine in
/// good order.
struct machine_control {
  /// Every sync of a file takes this long more, in milliseconds, by chance
  /// between the two.
  std::atomic<std::uint32_t> shortest_sync;
  std::atomic<std::uint32_t> longest_sync;
  /// What the wall clock is wrong by, in seconds. Monotonic clocks are right.
  std::atomic<std::int64_t> clock_offset;

  std::atomic<std::uint64_t> slow_syncs;  ///< that there were
  std::atomic<std::uint64_t> wrong_times; ///< that were told
};

static_assert(std::atomic<std::int64_t>::is_always_lock_free);

/// The variable that names the file, in the environment of a node.
inline constexpr const char* machine_control_variable
  = "TIDEGATE_MACHINE_CONTROL";

} // namespace tidegate::harness
