#pragma once

#include "benchmarks/harness/figures/arrivals.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tidegate::harness {

/// What became of the messages of a load, seen from their numbers.
struct load_verdict {
  /// Acknowledged and missing at some receiver.
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t out_of_order = 0;

  /// Adds what one receiver has of the one sender whose messages
  /// `acknowledged` were acknowledged.
  void add(const sequence_set& acknowledged, const arrivals& from);

  /// One sentence for each promise that was broken; none for duplicates.
  std::vector<std::string> faults() const;
};

/// Which messages of `sender` a receiver lacks and which came too late, by
/// their numbers (`12-15, 20, ...`); empty when there are none.
std::string lost_and_late(const std::string& sender,
                          const sequence_set& acknowledged,
                          const arrivals& from);

} // namespace tidegate::harness
