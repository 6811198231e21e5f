#pragma once

#include "benchmarks/harness/bench/options.hpp"
#include "benchmarks/harness/bench/result.hpp"
#include "benchmarks/harness/bench/target.hpp"
#include "benchmarks/harness/load/event_loop.hpp"

namespace tidegate::harness {

/// What every mode is given.
struct bench_setting {
  const bench_options& options;
  const bench_target& target;
  event_loop& loop;
  const stream_factory& streams;
  bool progress = false; ///< write a line each second
};

/// Publishers and subscribers at once: throughput, latency of
/// acknowledgement and of delivery, loss, duplicates, order.
bench_result run_stream(const bench_setting& with);

/// The same, but what is published is received by reading the hub's events.
bench_result run_events(const bench_setting& with);

/// A backlog that is built with no subscriber there, then taken by one;
/// beside it, when asked for, a live stream between two other clients.
bench_result run_drain(const bench_setting& with);

/// How long a server takes from start to listening, and to its first
/// acknowledgement, with a backlog on its disk.
bench_result run_start(const bench_setting& with);

/// Memory of the server per connection that does nothing.
bench_result run_idle(const bench_setting& with);

/// Requests instead of messages, twins or methods: what counts as
/// acknowledgement is the answer.
bench_result run_requests(const bench_setting& with);

} // namespace tidegate::harness
