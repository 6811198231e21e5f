#pragma once

#include "benchmarks/harness/bench/modes.hpp"
#include "benchmarks/harness/load/load.hpp"

#include <limits>

namespace tidegate::harness {

/// More messages than any run publishes.
inline constexpr std::uint64_t no_end
  = std::numeric_limits<std::uint64_t>::max() / 1024;

/// The group as a load whose messages no other run's are taken for.
load_plan plan_of(const client_group& group);

/// Connects subscribers, then publishers. False, with a fault in `result`,
/// when one of them cannot.
bool connect_all(load& traffic, const bench_setting& with,
                 bench_result& result);

/// Connects the publishers alone.
bool connect_publishers(load& traffic, const bench_setting& with,
                        bench_result& result);

/// The whole of a measurement that publishes while it receives.
void stream_traffic(load& traffic, const bench_setting& with,
                    bench_result& result);

/// Waits until everything published is acknowledged.
waited await_acknowledgement(load& traffic, const bench_setting& with);

/// Waits until everything published is acknowledged and delivered.
waited await_delivery(load& traffic, const bench_setting& with);

/// What was published, acknowledged, delivered, lost, doubled, disordered.
void add_counts(bench_result& result, const load& traffic);

/// `count` per second of `span`, as `key_per_second`; nothing for no count.
void add_rate(bench_result& result, const std::string& key, std::uint64_t count,
              std::chrono::nanoseconds span);

/// The faults: loss, disorder, lost connections, a wait that ended badly.
void judge(bench_result& result, const load& traffic, waited ended);

} // namespace tidegate::harness
