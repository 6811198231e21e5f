#pragma once

#include "benchmarks/harness/bench/result.hpp"
#include "benchmarks/harness/chaos/fault.hpp"
#include "benchmarks/harness/chaos/options.hpp"
#include "benchmarks/harness/load/load.hpp"
#include "benchmarks/harness/nodes/site.hpp"

#include <array>
#include <filesystem>
#include <functional>

namespace tidegate::harness {

/// One run: a site under load, faults one after the other, then the proof.
/// Half of the publishers send straight upstream; what the others send goes
/// through a module first. The expectation is the same for all: what was
/// acknowledged is in the hub's event log, in order per sender.
class trial {
public:
  /// `program` is the relay; empty for none. `options.seed` is not 0.
  trial(event_loop& loop, const stream_factory& streams,
        const chaos_options& options, std::filesystem::path folder,
        std::filesystem::path relay);

  /// Never throws; what went wrong is among the faults of the result.
  bench_result run(bool progress);

private:
  bool start();
  std::vector<client_spec> make_publishers();
  void inject(const fault& what);
  void restart(node& which, std::chrono::milliseconds after);
  void disturb_wires(wire how, std::chrono::milliseconds lasts);
  void kill_module();
  void pause_module(std::chrono::milliseconds lasts);
  void fill_quota();
  /// Waits until acknowledgements move again.
  void await_recovery();
  bool settle();
  void read_events();
  void audit(node& which, const std::string& name);
  void judge();

  event_loop& loop_;
  const stream_factory& streams_;
  const chaos_options& options_;
  std::filesystem::path folder_;
  std::filesystem::path relay_;
  site site_;
  std::unique_ptr<load> load_;
  receiver* events_ = nullptr;
  bench_result result_;
  histogram recovery_;
  std::array<std::size_t, fault_kinds> injected_{};
  std::size_t times_full_ = 0;
};

/// The name of publisher `index`, which says which way its messages go.
std::string chaos_publisher(std::size_t index, bool relayed);

/// What the gateway of a trial routes, with a relay module or without.
std::map<std::string, std::string> chaos_routes(bool with_relay);

/// A deployment of the one module `relay`, which runs `program`.
std::string chaos_manifest(const std::filesystem::path& program);

} // namespace tidegate::harness
