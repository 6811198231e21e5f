#pragma once

#include "benchmarks/harness/figures/histogram.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tidegate::harness {

/// What a figure counts, which decides how a human reads it.
enum class unit : std::uint8_t { number, per_second, seconds, bytes };

/// One measured value. `key` names it in JSON, where the value stands in the
/// bare unit (messages, messages/s, seconds, bytes).
struct figure {
  std::string key;
  double value = 0;
  unit in = unit::number;
};

/// What one measurement found. It failed when there is a fault.
struct bench_result {
  std::vector<figure> figures;
  std::vector<std::string> faults;

  void add(std::string key, double value, unit in = unit::number) {
    figures.push_back({std::move(key), value, in});
  }
  /// Percentiles 50, 90, 99, 99.9 and the maximum, as `key_p50_seconds`, ...
  void add_latency(const std::string& key, const histogram& from);
  void fault(std::string sentence) { faults.push_back(std::move(sentence)); }
};

/// `value` for a human: `1.15 M/s`, `412 us`, `18.3 MiB`.
std::string readable(const figure& value);

/// One aligned line per figure, faults last.
std::string as_table(const bench_result& result);

/// One object: every figure by its key, and `faults`.
std::string as_json(const bench_result& result);

} // namespace tidegate::harness
