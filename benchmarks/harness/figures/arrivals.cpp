#include "benchmarks/harness/figures/arrivals.hpp"

namespace tidegate::harness {

bool arrivals::add(std::uint64_t sequence) {
  if (!seen_.insert(sequence)) {
    ++duplicates_;
    return false;
  }
  if (sequence < next_)
    ++out_of_order_;
  else
    next_ = sequence + 1;
  return true;
}

} // namespace tidegate::harness
