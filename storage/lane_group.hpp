#pragma once

#include "messages/lane.hpp"
#include "messages/store_messages.hpp"
#include "storage/refusals.hpp"

#include <caf/error.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tidegate {

/// Blocks of one sender, which are kept or refused as a whole. What follows a
/// refused one of the same sender is refused too, see `refusals`.
struct group_append {
  // Not explicit: blocks of nobody in particular are an append.
  group_append(std::span<const lane_block> what, refusals::sender who = 0,
               std::uint64_t which_attempt = 0)
    : blocks{what}, sender{who}, attempt{which_attempt} {}

  std::span<const lane_block> blocks;
  refusals::sender sender;
  std::uint64_t attempt;
};

/// Everything that becomes durable in one write.
struct lane_group {
  std::vector<group_append> appends;
  std::vector<settle_lane> settled;
  std::vector<lane_damaged> damaged;

  bool empty() const {
    return appends.empty() && settled.empty() && damaged.empty();
  }
};

struct append_result {
  /// `ec::store_full`, `ec::lane_gone` or `ec::bad_argument` when the append
  /// was refused; `ec::refused` when it stands behind such a one.
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
