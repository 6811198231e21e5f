#include "actors/clients/delivery_answers.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace tidegate {

void delivery_answers::add(const caf::actor& route, lane_id lane,
                           std::uint64_t first, std::uint32_t count,
                           delivery_result result) {
  total_ += count;
  auto found = std::find_if(answers_.begin(), answers_.end(),
                            [&](const answer& a) { return a.route == route; });
  if (found == answers_.end())
    found = answers_.insert(found, {route, {}});
  auto& ranges = found->what.ranges;
  if (!ranges.empty()) {
    auto& last = ranges.back();
    if (last.lane == lane && last.result == result
        && last.first + last.count == first) {
      last.count += count;
      return;
    }
  }
  ranges.push_back({lane, first, count, result});
}

void delivery_answers::send() {
  for (auto& [route, what] : answers_)
    caf::anon_send(route, std::move(what));
  answers_.clear();
}

} // namespace tidegate
