#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/bench/steps.hpp"

namespace tidegate::harness {

bench_result run_requests(const bench_setting& with) {
  bench_result result;
  // Who answers methods publishes nothing of its own.
  load answering{with.streams, plan_of({with.target.main.subscribers, {}})};
  if (!connect_publishers(answering, with, result))
    return result;
  load asking{with.streams, plan_of({with.target.main.publishers, {}})};
  stream_traffic(asking, with, result);
  if (!answering.error().empty())
    result.fault(answering.error());
  answering.disconnect();
  return result;
}

} // namespace tidegate::harness
