#include "actors/store/settlements.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace tidegate {

namespace {

std::uint64_t end_of(const settle_lane& settlement) {
  auto end = settlement.first;
  for (const auto& run : settlement.runs)
    end += run.count;
  return end;
}

/// One longer run, if the counter can hold it.
bool joins(const settled_run& last, const settled_run& next) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  return last.how == next.how && next.count <= most - last.count;
}

} // namespace

void settlements::add(const settle_lane& next) {
  // From the back: what follows must stay behind what it follows.
  const auto last = std::find_if(
    waiting_.rbegin(), waiting_.rend(),
    [&next](const auto& known) { return known.lane == next.lane; });
  if (last == waiting_.rend() || end_of(*last) != next.first) {
    waiting_.push_back(next);
    return;
  }
  for (const auto& run : next.runs) {
    if (!last->runs.empty() && joins(last->runs.back(), run))
      last->runs.back().count += run.count;
    else
      last->runs.push_back(run);
  }
}

std::vector<settle_lane> settlements::take() {
  return std::exchange(waiting_, {});
}

void settlements::put_back(std::vector<settle_lane> earlier) {
  for (const auto& later : std::exchange(waiting_, std::move(earlier)))
    add(later);
}

} // namespace tidegate
