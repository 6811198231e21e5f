#pragma once

#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tidegate::harness {

/// What can be done to a gateway while it works.
enum class fault_kind : std::uint8_t {
  kill_gateway,      ///< SIGKILL, then start again
  kill_hub,          ///< SIGKILL, then start again
  kill_module,       ///< SIGKILL; the gateway is to start it again
  cut_uplink,        ///< connections closed, new ones refused
  stall_uplink,      ///< connections stay open, nothing gets through
  delay_uplink,      ///< everything gets through late
  pause_module,      ///< SIGSTOP, then SIGCONT
  slow_module,       ///< stopped most of the time: a slow reader
  fill_quota,        ///< uplink cut and load at full speed until it refuses
  kill_cut_gateway,  ///< SIGKILL while the uplink is cut
  kill_full_gateway, ///< SIGKILL while the quota is full
  slow_sync,         ///< every sync of a node's disk takes long
  step_clock,        ///< wall clocks of nodes, one or both, jump, and back
  oversized,         ///< a sender sends one that no node may take
};

inline constexpr std::size_t fault_kinds = 14;

using fault_set = std::bitset<fault_kinds>;

std::string_view to_string(fault_kind kind);

/// True for faults that end a process without warning.
bool is_kill(fault_kind kind);

/// True for faults that need a module.
bool needs_module(fault_kind kind);

/// True for faults that need a `machine`.
bool needs_machine(fault_kind kind);

/// All faults for which there is what they need.
fault_set possible_faults(bool with_modules, bool with_machine);

/// One fault of a plan.
struct fault {
  fault_kind kind = fault_kind::kill_gateway;
  /// Undisturbed time before it.
  std::chrono::milliseconds after{};
  /// From the fault to its repair.
  std::chrono::milliseconds lasts{};
  /// Which module, node or sender it hits, modulo their number.
  std::uint64_t choice = 0;

  bool operator==(const fault&) const = default;
};

/// The faults of a run with exactly `kills` kills among them. The same seed
/// gives the same plan on every machine; every kind comes once before any
/// comes twice, then most are kills of the gateway, whose recovery is what
/// all else rests on. What is not in `possible` is left out.
std::vector<fault> plan_faults(std::uint64_t seed, std::size_t kills,
                               fault_set possible = fault_set{}.set());

} // namespace tidegate::harness
