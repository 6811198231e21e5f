#pragma once

#include "benchmarks/harness/figures/histogram.hpp"

#include <chrono>
#include <cstdint>

namespace tidegate::harness {

/// What a load is measured by, shared by all its clients.
struct load_figures {
  /// Ready to be sent until acknowledged: what a sender waits.
  histogram acknowledgement;
  /// Ready to be sent until received: end to end.
  histogram delivery;
  /// Durations of messages sent before this are not recorded: warming up.
  std::chrono::nanoseconds record_from{};
  std::uint64_t published = 0;
  std::uint64_t acknowledged = 0;
  /// First arrivals, over all subscribers.
  std::uint64_t delivered = 0;
  std::chrono::nanoseconds last_acknowledged{};
  std::chrono::nanoseconds last_delivered{};
};

} // namespace tidegate::harness
