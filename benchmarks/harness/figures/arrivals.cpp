#include "benchmarks/harness/figures/arrivals.hpp"

namespace tidegate::harness {

namespace {

/// Enough to find the cause.
constexpr std::size_t most_late = 1000;

} // namespace

bool arrivals::add(std::uint64_t sequence) {
  if (!seen_.insert(sequence)) {
    ++duplicates_;
    return false;
  }
  if (sequence >= next_) {
    next_ = sequence + 1;
    return true;
  }
  ++out_of_order_;
  if (late_.size() < most_late)
    late_.push_back(sequence);
  return true;
}

} // namespace tidegate::harness
