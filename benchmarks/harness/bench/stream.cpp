#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/bench/process_usage.hpp"
#include "benchmarks/harness/bench/progress_line.hpp"
#include "benchmarks/harness/bench/steps.hpp"
#include "benchmarks/harness/load/load.hpp"

namespace tidegate::harness {

namespace {

/// Publishes as the options say: by count or by duration, at a rate or not.
waited publish(load& traffic, const bench_setting& with) {
  const auto& options = with.options;
  const auto enough = [&] {
    return !traffic.error().empty()
           || (options.count > 0
               && traffic.figures().published >= options.count);
  };
  if (options.rate > 0)
    traffic.publish_at(options.rate);
  else
    traffic.publish(options.count > 0 ? options.count : no_end);
  const auto ended
    = options.count > 0
        ? with.loop.run_until(
          enough, [&] { return traffic.figures().published; },
          std::chrono::duration<double>{options.patience})
        : with.loop.run_for(std::chrono::duration<double>{options.duration},
                            enough);
  traffic.hold();
  return ended;
}

} // namespace

void stream_traffic(load& traffic, const bench_setting& with,
                    bench_result& result) {
  auto& figures = traffic.figures();
  if (!connect_all(traffic, with, result))
    return;
  const progress_line line{with.loop.io(), figures, with.progress};
  const auto busy_before = processor_time(with.target.server_pid());
  const auto begin = stamp_clock();
  figures.record_from = begin
                        + std::chrono::duration_cast<std::chrono::nanoseconds>(
                          std::chrono::duration<double>{with.options.warm_up});
  auto ended = publish(traffic, with);
  if (ended == waited::done && traffic.error().empty())
    ended = await_delivery(traffic, with);
  traffic.disconnect();

  add_counts(result, traffic);
  add_rate(result, "acknowledged", figures.acknowledged,
           figures.last_acknowledged - begin);
  add_rate(result, "delivered", figures.delivered,
           figures.last_delivered - begin);
  if (const auto busy = processor_time(with.target.server_pid());
      busy && busy_before && figures.acknowledged > 0)
    result.add("server_cpu_per_message_seconds",
               std::chrono::duration<double>(*busy - *busy_before).count()
                 / static_cast<double>(figures.acknowledged),
               unit::seconds);
  result.add_latency("acknowledgement", figures.acknowledgement);
  result.add_latency("delivery", figures.delivery);
  judge(result, traffic, ended);
}

bench_result run_stream(const bench_setting& with) {
  bench_result result;
  load traffic{with.streams, plan_of(with.target.main)};
  stream_traffic(traffic, with, result);
  return result;
}

} // namespace tidegate::harness
