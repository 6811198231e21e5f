#pragma once

#include "benchmarks/harness/bench/result.hpp"
#include "benchmarks/harness/chaos/crowd.hpp"
#include "benchmarks/harness/chaos/options.hpp"
#include "benchmarks/harness/load/load.hpp"
#include "benchmarks/harness/nodes/site.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace tidegate::harness {

/// Backlogs of many senders in a trial: while the uplink is cut, N senders,
/// then twice and four times as many, send what the gateway has to keep; then
/// it is measured how long that takes to drain.
class crowd_trial {
public:
  crowd_trial(event_loop& loop, const stream_factory& streams, site& nodes,
              const chaos_options& options);

  /// Builds and drains the backlogs, and adds what was found.
  void run(bench_result& result);

  /// An event of the hub's log; false when it is a duplicate of one of these.
  bool take(std::string_view body);
  /// Adds what got lost, once all events were taken.
  void judge(bench_result& result);

private:
  std::string make_senders(std::size_t count);
  std::string connect(load& traffic);
  std::string build(load& traffic, std::uint64_t count);
  std::string drain(crowd_drain& into);

  event_loop& loop_;
  const stream_factory& streams_;
  site& site_;
  const chaos_options& options_;
  std::vector<client_spec> senders_;
  std::vector<std::unique_ptr<load>> loads_;
};

} // namespace tidegate::harness
