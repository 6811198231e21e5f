#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/bench/process_usage.hpp"
#include "benchmarks/harness/bench/steps.hpp"
#include "benchmarks/harness/load/load.hpp"

#include <algorithm>

namespace tidegate::harness {

namespace {

/// What a server allocates or gives back a moment after the last handshake.
constexpr std::chrono::milliseconds settling{500};

/// The first connections make a server set up what all of them share; that is
/// not theirs. One in so many is opened before memory is read.
constexpr std::size_t first_share = 10;

/// Opens a connection for each of `clients`. False, with a fault, when one
/// cannot be.
bool occupy(load& with_clients, const bench_setting& with,
            bench_result& result) {
  if (!connect_all(with_clients, with, result))
    return false;
  with.loop.run_for(settling);
  return true;
}

load_plan plan_of(const std::vector<client_spec>& clients, std::size_t from,
                  std::size_t to) {
  load_plan plan;
  plan.publishers.assign(clients.begin() + static_cast<std::ptrdiff_t>(from),
                         clients.begin() + static_cast<std::ptrdiff_t>(to));
  return plan;
}

} // namespace

bench_result run_idle(const bench_setting& with) {
  bench_result result;
  const auto pid = with.target.server_pid();
  const auto alone = proportional_memory(pid);
  if (!alone) {
    result.fault("the memory of process " + std::to_string(pid)
                 + " cannot be read");
    return result;
  }
  const auto& clients = with.target.idle;
  const auto shared = std::max<std::size_t>(1, clients.size() / first_share);
  load first{with.streams, plan_of(clients, 0, shared)};
  load rest{with.streams, plan_of(clients, shared, clients.size())};
  if (!occupy(first, with, result))
    return result;
  const auto before = proportional_memory(pid).value_or(0);
  if (!occupy(rest, with, result))
    return result;
  const auto after = proportional_memory(pid).value_or(0);

  const auto count = static_cast<double>(clients.size() - shared);
  result.add("connections", static_cast<double>(clients.size()));
  result.add("memory_alone_bytes", static_cast<double>(*alone), unit::bytes);
  result.add("memory_connected_bytes", static_cast<double>(after), unit::bytes);
  if (count > 0)
    result.add("memory_per_connection_bytes",
               (static_cast<double>(after) - static_cast<double>(before))
                 / count,
               unit::bytes);
  for (const auto* const each : {&first, &rest})
    if (!each->error().empty())
      result.fault(each->error());
  return result;
}

} // namespace tidegate::harness
