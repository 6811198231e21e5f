#include "actors/modules/retry_gate.hpp"

#include <algorithm>

namespace tidegate {

std::optional<std::chrono::milliseconds> retry_gate::wait() const {
  using std::chrono::milliseconds;
  if (failures == 0)
    return milliseconds{0};
  if (most_tries && failures >= *most_tries)
    return std::nullopt;
  // Longer than a thousand years at any unit, and no overflow.
  constexpr unsigned most_doublings = 32;
  // Due once more than the wait is over.
  return milliseconds{unit.count() << std::min(failures, most_doublings)}
         + milliseconds{1};
}

bool retry_gate::is_open(time now) const {
  const auto due = wait();
  return due && (failures == 0 || now - last_failure >= *due);
}

} // namespace tidegate
