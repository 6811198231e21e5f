#include "benchmarks/harness/bench/steps.hpp"

#include <random>

namespace tidegate::harness {

namespace {

double as_double(std::uint64_t count) { return static_cast<double>(count); }

double seconds(std::chrono::nanoseconds span) {
  return std::chrono::duration<double>(span).count();
}

/// Waits for `ready`; the fault in `result` says why it did not come.
bool await_connections(load& traffic, const bool& ready,
                       const bench_setting& with, bench_result& result) {
  const auto ended
    = with.loop.run_until([&] { return ready || !traffic.error().empty(); },
                          [&] { return traffic.connected(); },
                          std::chrono::duration<double>{with.options.patience});
  if (ready && traffic.error().empty())
    return true;
  traffic.disconnect();
  result.fault(!traffic.error().empty()       ? traffic.error()
               : ended == waited::interrupted ? "interrupted"
                                              : "not every client connected");
  return false;
}

} // namespace

load_plan plan_of(const client_group& group) {
  load_plan plan;
  plan.publishers = group.publishers;
  plan.subscribers = group.subscribers;
  plan.run = std::random_device{}();
  return plan;
}

bool connect_all(load& traffic, const bench_setting& with,
                 bench_result& result) {
  bool ready = false;
  traffic.connect_subscribers(
    [&] { traffic.connect_publishers([&] { ready = true; }); });
  return await_connections(traffic, ready, with, result);
}

bool connect_publishers(load& traffic, const bench_setting& with,
                        bench_result& result) {
  bool ready = false;
  traffic.connect_publishers([&] { ready = true; });
  return await_connections(traffic, ready, with, result);
}

waited await_acknowledgement(load& traffic, const bench_setting& with) {
  return with.loop.run_until(
    [&] { return !traffic.error().empty() || traffic.acknowledged(); },
    [&] { return traffic.figures().acknowledged; },
    std::chrono::duration<double>{with.options.patience});
}

waited await_delivery(load& traffic, const bench_setting& with) {
  return with.loop.run_until(
    [&] {
      return !traffic.error().empty()
             || (traffic.acknowledged() && traffic.delivered());
    },
    [&] {
      return traffic.figures().acknowledged + traffic.figures().delivered;
    },
    std::chrono::duration<double>{with.options.patience});
}

void add_counts(bench_result& result, const load& traffic) {
  const auto& figures = traffic.figures();
  const auto found = traffic.verdict();
  result.add("published", as_double(figures.published));
  result.add("acknowledged", as_double(figures.acknowledged));
  result.add("delivered", as_double(figures.delivered));
  result.add("lost", as_double(found.lost));
  result.add("duplicates", as_double(found.duplicates));
  result.add("out_of_order", as_double(found.out_of_order));
}

void add_rate(bench_result& result, const std::string& key, std::uint64_t count,
              std::chrono::nanoseconds span) {
  if (count > 0)
    result.add(key + "_per_second", as_double(count) / seconds(span),
               unit::per_second);
}

void judge(bench_result& result, const load& traffic, waited ended) {
  const auto& figures = traffic.figures();
  if (!traffic.error().empty())
    result.fault(traffic.error());
  if (ended == waited::interrupted)
    result.fault("interrupted");
  if (ended == waited::stuck)
    result.fault("nothing moved any more before all was delivered");
  if (!traffic.acknowledged())
    result.fault(std::to_string(figures.published - figures.acknowledged)
                 + " messages were never acknowledged");
  for (auto& why : traffic.verdict().faults())
    result.fault(std::move(why));
}

} // namespace tidegate::harness
