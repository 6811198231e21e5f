#pragma once

#include "actors/clients/delivery_answers.hpp"
#include "actors/uplink/poison_watch.hpp"
#include "messages/delivery.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace tidegate {

/// What was published to a broker and is not acknowledged, by number. A pure
/// value.
class publication_flight {
public:
  /// Record `at` of `item`, which `route` has given, leaves now; returns its
  /// number.
  std::uint64_t add(const caf::actor& route, const delivery& item,
                    std::uint32_t at) {
    sent_.push_back(
      {route, item.lane, item.block.first + at, {item.block.data, at}, false});
    return first_ + sent_.size() - 1;
  }

  /// A copy of a message leaves now, of which nobody is told.
  std::uint64_t add_copy(const message_copy& copy) {
    sent_.push_back({nullptr, {}, 0, copy, false});
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
    if (one.route)
      answers.add(one.route, one.lane, one.offset, 1, delivery_result::done);
    taken_ = std::move(one.copy);
    while (!sent_.empty() && sent_.front().done) {
      sent_.pop_front();
      ++first_;
    }
  }

  bool empty() const { return sent_.empty(); }

  /// The oldest message that is not acknowledged.
  std::optional<sent_message> first() const {
    if (sent_.empty() || !sent_.front().route)
      return std::nullopt;
    const auto& one = sent_.front();
    return sent_message{one.lane, one.offset,
                        one.copy.data->payload(one.copy.at).size()};
  }

  /// The message that was acknowledged last.
  const std::optional<message_copy>& taken() const { return taken_; }

private:
  struct message {
    caf::actor route; ///< null for a copy
    lane_id lane;
    std::uint64_t offset;
    message_copy copy;
    bool done;
  };

  std::deque<message> sent_;
  std::uint64_t first_ = 0; ///< number of the first in `sent_`
  std::optional<message_copy> taken_;
};

} // namespace tidegate
