#pragma once

#include "messages/lane.hpp"
#include "messages/store_messages.hpp"

#include <caf/error.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tidegate {

/// Everything that becomes durable in one write.
struct lane_group {
  /// Each append is kept or refused as a whole.
  std::vector<std::span<const lane_block>> appends;
  std::vector<settle_lane> settled;
  std::vector<lane_damaged> damaged;

  bool empty() const {
    return appends.empty() && settled.empty() && damaged.empty();
  }
};

struct append_result {
  /// `ec::store_full`, `ec::lane_gone` or `ec::bad_argument` when the append
  /// was refused.
  caf::error error;
  /// The offset of the first record of each of its blocks.
  std::vector<std::uint64_t> firsts;
};

struct group_result {
  std::vector<append_result> appends; ///< in the order of the group
  /// Lanes whose cursor moved without their route.
  std::vector<lane_evicted> moved;
  /// What was wrong with settlements, one sentence each.
  std::vector<std::string> complaints;
};

} // namespace tidegate
