#pragma once

#include "actors/clients/delivery_answers.hpp"
#include "messages/delivery.hpp"

#include <cstdint>
#include <deque>
#include <utility>

namespace tidegate {

/// What was published to a broker and is not acknowledged, by number. A pure
/// value.
class publication_flight {
public:
  /// A message of `lane` that `route` has given leaves now; returns its
  /// number.
  std::uint64_t add(const caf::actor& route, lane_id lane,
                    std::uint64_t offset) {
    sent_.push_back({route, lane, offset, false});
    return first_ + sent_.size() - 1;
  }

  /// The broker has message `number`. A number that is not in flight says
  /// nothing.
  void acknowledged(std::uint64_t number, delivery_answers& answers) {
    if (number < first_ || number - first_ >= sent_.size())
      return;
    auto& one = sent_[number - first_];
    if (std::exchange(one.done, true))
      return;
    answers.add(one.route, one.lane, one.offset, 1, delivery_result::done);
    while (!sent_.empty() && sent_.front().done) {
      sent_.pop_front();
      ++first_;
    }
  }

private:
  struct message {
    caf::actor route;
    lane_id lane;
    std::uint64_t offset;
    bool done;
  };

  std::deque<message> sent_;
  std::uint64_t first_ = 0; ///< number of the first in `sent_`
};

} // namespace tidegate
