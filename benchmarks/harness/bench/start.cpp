#include "benchmarks/harness/bench/backlog.hpp"
#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/bench/open_door.hpp"
#include "benchmarks/harness/bench/process_usage.hpp"
#include "benchmarks/harness/bench/progress_line.hpp"
#include "benchmarks/harness/bench/steps.hpp"

namespace tidegate::harness {

namespace {

void add_seconds(bench_result& result, const std::string& key,
                 std::chrono::nanoseconds span) {
  result.add(key, std::chrono::duration<double>(span).count(), unit::seconds);
}

/// Publishes one message to the server that has just come up.
void time_first_message(const bench_setting& with,
                        std::chrono::nanoseconds begin, bench_result& result) {
  auto group = with.target.main;
  group.subscribers.clear();
  group.publishers.resize(1);
  load first{with.streams, plan_of(group)};
  if (!connect_publishers(first, with, result))
    return;
  first.publish(1);
  const auto ended = await_acknowledgement(first, with);
  add_seconds(result, "start_to_first_acknowledgement_seconds",
              stamp_clock() - begin);
  judge(result, first, ended);
}

} // namespace

bench_result run_start(const bench_setting& with) {
  bench_result result;
  load traffic{with.streams, plan_of(with.target.main)};
  const progress_line line{with.loop.io(), traffic.figures(), with.progress};
  if (with.options.count > 0 && !build_backlog(traffic, with, result))
    return result;
  traffic.disconnect();
  result.add("backlog_bytes",
             static_cast<double>(with.options.count * with.options.size),
             unit::bytes);

  with.target.server->end();
  const auto begin = stamp_clock();
  if (auto why = with.target.server->start(); !why.empty()) {
    result.fault(std::move(why));
    return result;
  }
  const auto took
    = time_until_open(with.target.main.publishers.front().to, with.loop,
                      std::chrono::duration<double>{with.options.patience});
  if (!took) {
    result.fault("the server did not open its door again");
    return result;
  }
  add_seconds(result, "start_seconds", *took);
  time_first_message(with, begin, result);
  if (const auto memory = proportional_memory(with.target.server_pid()))
    result.add("memory_after_start_bytes", static_cast<double>(*memory),
               unit::bytes);
  return result;
}

} // namespace tidegate::harness
