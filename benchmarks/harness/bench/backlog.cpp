#include "benchmarks/harness/bench/backlog.hpp"

#include "benchmarks/harness/bench/process_usage.hpp"
#include "benchmarks/harness/bench/steps.hpp"

namespace tidegate::harness {

namespace {

bool introduce_subscribers(const bench_setting& with, bench_result& result) {
  auto group = with.target.main;
  group.publishers.clear();
  load visit{with.streams, plan_of(group)};
  return connect_all(visit, with, result);
}

/// Publishes `count` messages and waits for their acknowledgements.
bool publish(load& traffic, std::uint64_t count, const bench_setting& with,
             bench_result& result) {
  const auto& figures = traffic.figures();
  const auto goal = figures.published + count;
  traffic.publish(count);
  const auto ended = with.loop.run_until(
    [&] {
      return !traffic.error().empty()
             || (figures.published == goal && traffic.acknowledged());
    },
    [&] { return figures.acknowledged; },
    std::chrono::duration<double>{with.options.patience});
  if (ended == waited::done && traffic.error().empty())
    return true;
  judge(result, traffic, ended);
  return false;
}

/// Memory of the server now, under the name of `key`; also returned.
double add_memory(const bench_setting& with, bench_result& result,
                  const std::string& key) {
  const auto found = proportional_memory(with.target.server_pid());
  if (found)
    result.add(key, static_cast<double>(*found), unit::bytes);
  return static_cast<double>(found.value_or(0));
}

} // namespace

bool build_backlog(load& traffic, const bench_setting& with,
                   bench_result& result) {
  if (!introduce_subscribers(with, result)
      || !connect_publishers(traffic, with, result))
    return false;
  add_memory(with, result, "memory_before_bytes");
  const auto begin = stamp_clock();
  const auto first = with.options.count / 4;
  if (!publish(traffic, first, with, result))
    return false;
  const auto early
    = add_memory(with, result, "memory_with_quarter_backlog_bytes");
  if (!publish(traffic, with.options.count - first, with, result))
    return false;
  add_rate(result, "build", traffic.figures().acknowledged,
           stamp_clock() - begin);
  const auto late = add_memory(with, result, "memory_with_backlog_bytes");
  if (early > 0)
    result.add("memory_growth_bytes", late - early, unit::bytes);
  return true;
}

} // namespace tidegate::harness
