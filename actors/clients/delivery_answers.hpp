#pragma once

#include "messages/delivery.hpp"

#include <cstdint>
#include <vector>

namespace tidegate {

/// Collects what became of records that routes gave to a target, and tells
/// each route once. Neighbours that ended alike become one range.
class delivery_answers {
public:
  void add(const caf::actor& route, lane_id lane, std::uint64_t first,
           std::uint32_t count, delivery_result result);

  bool empty() const { return answers_.empty(); }
  /// Records answered since this was made.
  std::uint64_t total() const { return total_; }

  /// Sends a `delivered` to every route that is concerned.
  void send();

private:
  struct answer {
    caf::actor route;
    delivered what;
  };

  std::vector<answer> answers_; // a target has few routes
  std::uint64_t total_ = 0;
};

} // namespace tidegate
