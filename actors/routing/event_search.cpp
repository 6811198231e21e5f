#include "actors/routing/event_search.hpp"

namespace tidegate {

std::optional<std::uint64_t> event_search::probe() const {
  if (low_ >= high_)
    return std::nullopt;
  return low_ + (high_ - low_) / 2;
}

void event_search::saw(std::uint64_t first, std::uint64_t end,
                       wall_time enqueued) {
  const auto looked_at = *probe();
  if (enqueued > after_)
    high_ = std::max(low_, std::min(first, looked_at));
  else
    low_ = std::max(end, looked_at + 1);
}

void event_search::saw_nothing() { high_ = *probe(); }

} // namespace tidegate
