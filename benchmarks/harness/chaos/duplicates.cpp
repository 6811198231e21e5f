#include "benchmarks/harness/chaos/duplicates.hpp"

#include <algorithm>

namespace tidegate::harness {

namespace {

/// With one target and not acknowledged (README, Limits).
constexpr std::uint64_t to_parent = 20'000;
constexpr std::uint64_t to_module = 1000;
/// Settlements are on disk after so many seconds.
constexpr double settled_after = 0.1;

} // namespace

void duplicate_count::add(std::uint64_t position) {
  const auto after = std::upper_bound(faults_.begin(), faults_.end(), position);
  ++after_[static_cast<std::size_t>(after - faults_.begin())];
  ++all_;
}

std::uint64_t duplicate_count::most() const {
  return *std::max_element(after_.begin(), after_.end());
}

std::uint64_t duplicate_bound(double rate, std::size_t publishers,
                              std::size_t window, std::size_t modules) {
  return to_parent + modules * to_module + publishers * window
         + static_cast<std::uint64_t>(rate * settled_after);
}

} // namespace tidegate::harness
