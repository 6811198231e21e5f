#pragma once

#include "benchmarks/harness/figures/sequence_set.hpp"

#include <cstdint>
#include <vector>

namespace tidegate::harness {

/// What one receiver got from one sender. A message that comes a second time
/// is a duplicate; one whose *first* arrival comes after that of a later
/// message is out of order. Delivery at least once and in order per sender
/// allows the former and forbids the latter.
class arrivals {
public:
  /// False when it is a duplicate.
  bool add(std::uint64_t sequence);

  const sequence_set& seen() const { return seen_; }
  std::uint64_t duplicates() const { return duplicates_; }
  std::uint64_t out_of_order() const { return out_of_order_; }
  /// The first of those out of order, as they came.
  const std::vector<std::uint64_t>& late() const { return late_; }

private:
  sequence_set seen_;
  std::uint64_t next_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::vector<std::uint64_t> late_;
};

} // namespace tidegate::harness
