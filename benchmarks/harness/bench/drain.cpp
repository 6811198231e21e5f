#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/bench/process_usage.hpp"
#include "benchmarks/harness/bench/progress_line.hpp"
#include "benchmarks/harness/bench/steps.hpp"
#include "benchmarks/harness/load/load.hpp"

namespace tidegate::harness {

namespace {

/// Subscribes once, so that a broker keeps messages for those who left; a
/// gateway keeps them anyway.
bool introduce_subscribers(const bench_setting& with, bench_result& result) {
  auto group = with.target.main;
  group.publishers.clear();
  load visit{with.streams, plan_of(group)};
  return connect_all(visit, with, result);
}

/// Publishes the backlog. False, with a fault, when it does not get there.
bool build(load& traffic, const bench_setting& with, bench_result& result) {
  bool ready = false;
  traffic.connect_publishers([&] {
    ready = true;
    traffic.publish(with.options.count);
  });
  const auto begin = stamp_clock();
  const auto ended = with.loop.run_until(
    [&] {
      return !traffic.error().empty()
             || (ready && traffic.figures().published == with.options.count
                 && traffic.acknowledged());
    },
    [&] { return traffic.figures().acknowledged; },
    std::chrono::duration<double>{with.options.patience});
  add_rate(result, "build", traffic.figures().acknowledged,
           stamp_clock() - begin);
  if (ended == waited::done && traffic.error().empty())
    return true;
  judge(result, traffic, ended);
  return false;
}

/// Memory of the server now, under the name of `key`.
void add_memory(const bench_setting& with, bench_result& result,
                const std::string& key) {
  if (const auto found = proportional_memory(with.target.server_pid))
    result.add(key, static_cast<double>(*found), unit::bytes);
}

} // namespace

bench_result run_drain(const bench_setting& with) {
  bench_result result;
  if (!introduce_subscribers(with, result))
    return result;
  add_memory(with, result, "memory_before_bytes");
  load traffic{with.streams, plan_of(with.target.main)};
  auto& figures = traffic.figures();
  const progress_line line{with.loop.io(), figures, with.progress};
  if (!build(traffic, with, result))
    return result;
  add_memory(with, result, "memory_with_backlog_bytes");

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
