#pragma once

#include "benchmarks/harness/chaos/crowd_trial.hpp"
#include "benchmarks/harness/chaos/injector.hpp"
#include "benchmarks/harness/chaos/method_trial.hpp"
#include "benchmarks/harness/chaos/options.hpp"
#include "benchmarks/harness/chaos/twin_trial.hpp"

#include <filesystem>
#include <memory>

namespace tidegate::harness {

class duplicate_count;

/// One run: a site under load, faults one after the other, then the proof.
/// Half of the publishers send straight upstream; what the others send goes
/// through a module first. The expectation is the same for all: what was
/// acknowledged is in the hub's event log, in order per sender; twins
/// agree, and methods can be called.
class trial {
public:
  /// `options.seed` is not 0; `folder` is absolute.
  trial(event_loop& loop, const stream_factory& streams,
        const chaos_options& options, std::filesystem::path folder);

  /// Never throws; what went wrong is among the faults of the result.
  bench_result run(bool progress);

private:
  bool start();
  std::vector<client_spec> make_publishers();
  void inject_all(bool progress);
  /// Waits until everything sent is acknowledged and the gateway has passed
  /// on what it holds.
  void settle();
  /// False when there is nothing to judge by.
  bool read_events();
  /// The proof from the disk of a node, which still runs.
  void audit(const node& which, const std::string& name);
  void judge();
  /// How often messages came again, which is allowed within bounds.
  void judge_duplicates(const duplicate_count& found);
  /// Ends everything; modules too if their gateway did not.
  void end();

  event_loop& loop_;
  const stream_factory& streams_;
  const chaos_options& options_;
  std::filesystem::path folder_;
  std::vector<std::string> relays_;
  site site_;
  std::unique_ptr<load> load_;
  twin_trial twins_;
  method_trial methods_;
  crowd_trial crowd_;
  std::vector<std::uint64_t> log_lengths_; ///< of the hub, at each fault
  receiver* events_ = nullptr;
  bench_result result_;
};

} // namespace tidegate::harness
