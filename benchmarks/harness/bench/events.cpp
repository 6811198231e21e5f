#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/bench/progress_line.hpp"
#include "benchmarks/harness/bench/steps.hpp"
#include "benchmarks/harness/nodes/event_reader.hpp"

namespace tidegate::harness {

bench_result run_events(const bench_setting& with) {
  bench_result result;
  if (with.target.events_command.empty()) {
    result.fault("there is no hub whose events could be read");
    return result;
  }
  load traffic{with.streams, plan_of(with.target.main)};
  auto& arrived = traffic.add_receiver();
  event_reader events{with.loop.io(), [&arrived](std::string_view body) {
                        arrived.take(body);
                        arrived.end_batch();
                      }};
  if (auto why = events.start(with.target.events_command, "/dev/stderr");
      !why.empty()) {
    result.fault(std::move(why));
    return result;
  }
  stream_traffic(traffic, with, result);
  return result;
}

} // namespace tidegate::harness
