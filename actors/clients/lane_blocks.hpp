#pragma once

#include "messages/block.hpp"
#include "messages/lane.hpp"

#include <cstddef>
#include <vector>

namespace tidegate {

/// Collects messages into one block per lane, in the order they are added.
class lane_blocks {
public:
  /// `expected_bytes` is how much one block may come to hold.
  lane_blocks(wall_time enqueued, std::size_t expected_bytes)
    : enqueued_{enqueued}, expected_bytes_{expected_bytes} {}

  void add(lane_id lane, const head_ptr& head, std::string_view payload,
           elapsed_time expires, std::string_view route) {
    builder_of(lane).add(head, payload, expires, route);
  }

  bool empty() const { return builders_.empty(); }

  /// The blocks. What was collected is spent afterwards.
  std::vector<lane_block> finish() {
    std::vector<lane_block> blocks;
    blocks.reserve(builders_.size());
    for (auto& [lane, builder] : builders_)
      blocks.push_back({lane, builder.finish()});
    builders_.clear();
    return blocks;
  }

private:
  struct building {
    lane_id lane;
    block_builder builder;
  };

  // A batch goes into few lanes: looking through them beats hashing.
  block_builder& builder_of(lane_id lane) {
    for (auto& entry : builders_)
      if (entry.lane == lane)
        return entry.builder;
    builders_.push_back({lane, block_builder{enqueued_, expected_bytes_}});
    return builders_.back().builder;
  }

  wall_time enqueued_;
  std::size_t expected_bytes_;
  std::vector<building> builders_;
};

} // namespace tidegate
