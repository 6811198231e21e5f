#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/bench/process_usage.hpp"
#include "benchmarks/harness/bench/steps.hpp"
#include "benchmarks/harness/load/load.hpp"

namespace tidegate::harness {

namespace {

/// What a server allocates or gives back a moment after the last handshake.
constexpr std::chrono::milliseconds settling{500};

} // namespace

bench_result run_idle(const bench_setting& with) {
  bench_result result;
  const auto pid = with.target.server_pid;
  const auto before = proportional_memory(pid);
  if (!before) {
    result.fault("the memory of process " + std::to_string(pid)
                 + " cannot be read");
    return result;
  }
  load_plan plan;
  plan.publishers = with.target.idle;
  load traffic{with.streams, plan};
  if (!connect_all(traffic, with, result))
    return result;
  with.loop.run_for(settling);
  const auto after = proportional_memory(pid).value_or(*before);
  traffic.disconnect();
  const auto count = static_cast<double>(plan.publishers.size());
  const auto grown = static_cast<double>(after) - static_cast<double>(*before);
  result.add("connections", count);
  result.add("memory_before_bytes", static_cast<double>(*before), unit::bytes);
  result.add("memory_after_bytes", static_cast<double>(after), unit::bytes);
  result.add("memory_per_connection_bytes", grown / count, unit::bytes);
  if (!traffic.error().empty())
    result.fault(traffic.error());
  return result;
}

} // namespace tidegate::harness
