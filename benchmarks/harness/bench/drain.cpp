#include "benchmarks/harness/bench/backlog.hpp"
#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/bench/progress_line.hpp"
#include "benchmarks/harness/bench/steps.hpp"

namespace tidegate::harness {

bench_result run_drain(const bench_setting& with) {
  bench_result result;
  load traffic{with.streams, plan_of(with.target.main)};
  auto& figures = traffic.figures();
  const progress_line line{with.loop.io(), figures, with.progress};
  if (!build_backlog(traffic, with, result))
    return result;

  load live{with.streams, plan_of(with.target.live)};
  if (!with.target.live.publishers.empty()) {
    if (!connect_all(live, with, result))
      return result;
    live.publish_at(with.options.live_rate);
    with.loop.run_for(std::chrono::duration<double>{with.options.warm_up});
  }
  const auto begin = stamp_clock();
  live.figures().record_from = begin;
  traffic.connect_subscribers([] {});
  const auto ended = await_delivery(traffic, with);
  live.hold();
  const auto live_ended = await_delivery(live, with);
  traffic.disconnect();
  live.disconnect();

  const std::chrono::duration<double> took = figures.last_delivered - begin;
  add_counts(result, traffic);
  add_rate(result, "drain", figures.delivered, figures.last_delivered - begin);
  result.add("drain_seconds", took.count(), unit::seconds);
  result.add_latency("live_delivery", live.figures().delivery);
  judge(result, traffic, ended);
  judge(result, live, live_ended);
  return result;
}

} // namespace tidegate::harness
