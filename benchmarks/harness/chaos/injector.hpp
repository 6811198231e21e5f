#pragma once

#include "benchmarks/harness/bench/result.hpp"
#include "benchmarks/harness/chaos/fault.hpp"
#include "benchmarks/harness/load/load.hpp"
#include "benchmarks/harness/nodes/site.hpp"

#include <array>
#include <string>
#include <vector>

namespace tidegate::harness {

/// Does faults to a site under load, makes sure that each one has its effect,
/// and counts them.
class injector {
public:
  /// `modules` are those of the gateway, by name; `rate` is what the load is
  /// to go on with after a fault that changed it.
  injector(event_loop& loop, site& target, load& traffic,
           std::vector<std::string> modules, double rate);

  /// Does `what`, repairs it and waits until acknowledgements move again. An
  /// error text when it had no effect or the site did not recover; else empty.
  std::string inject(const fault& what);

  /// How many messages the hub's log had when each fault began.
  const std::vector<std::uint64_t>& log_lengths() const { return lengths_; }

  /// Adds the count of every kind, of processes killed and of times that the
  /// store refused, and the time from repair to the next acknowledgement.
  void report(bench_result& into) const;

private:
  std::string do_to_site(const fault& what);
  std::string do_to_module(const fault& what);
  std::string restart(node& which, std::chrono::milliseconds after);
  std::string disturb_wires(wire how, std::chrono::milliseconds lasts);
  std::string kill_while_cut(std::chrono::milliseconds lasts);
  std::string fill_quota(const fault& what);
  std::string slow_sync(const fault& what);
  std::string step_clocks(const fault& what);
  std::string send_oversized(const fault& what);
  /// Until the store has refused more than `before` messages.
  std::string await_refusal(std::uint64_t before);
  std::string await_uplink();
  /// The process of a module, once it runs; 0 when it does not come.
  pid_t await_module(const std::string& name);
  std::string await_recovery();
  std::uint64_t refused() const;
  void note_log_length();

  event_loop& loop_;
  site& site_;
  load& load_;
  std::vector<std::string> modules_;
  double rate_;
  std::array<std::size_t, fault_kinds> injected_{};
  std::size_t kills_ = 0;
  std::size_t times_full_ = 0;
  histogram recovery_;
  std::vector<std::uint64_t> lengths_;
  double longest_status_ = 0; ///< seconds, beside a slow disk
};

} // namespace tidegate::harness
