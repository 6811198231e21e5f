#pragma once

#include "messages/lane.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// Offsets [first, end) that cannot be read.
struct lane_gap {
  std::uint64_t first = 0;
  std::uint64_t end = 0;

  bool operator==(const lane_gap&) const = default;
};

/// What one route has to do with a lane.
struct route_share {
  std::string route;
  std::uint64_t accepted = 0; ///< messages that it brought
  std::uint64_t evicted = 0;  ///< of these, pushed out by the quota

  bool operator==(const route_share&) const = default;
};

/// Routes of one lane that are counted apart; further ones are called
/// `other_routes`.
inline constexpr std::size_t most_route_shares = 64;
inline constexpr std::string_view other_routes = "(other)";

/// What the store keeps about one lane: a name, written once, and a state,
/// written with every group that touches the lane, in the same batch as the
/// blocks it speaks of.
struct lane_record {
  lane_status status;
  /// The lane was dropped: it takes and gives nothing, but its ledger stays.
  bool dropped = false;
  /// Blocks that start before this offset are deleted. Never behind the cursor.
  std::uint64_t trimmed = 0;
  /// Encoded size, about, of what is done but not deleted yet.
  std::uint64_t untrimmed = 0;
  /// Stretches that were put into quarantine.
  std::uint64_t quarantined = 0;
  /// Ahead of the cursor, in order, apart from each other. Already counted as
  /// damaged; the cursor jumps over them.
  std::vector<lane_gap> gaps;
  /// By when each was first seen.
  std::vector<route_share> routes;
};

/// The name part: key, dropped.
std::string encode_lane_name(const lane_record& lane);
/// The state part: offsets, counters, gaps.
std::string encode_lane_state(const lane_record& lane);

/// Reads the name part into a new record. Nothing if it is not well formed.
std::optional<lane_record> decode_lane_name(lane_id id, std::string_view text);
/// Reads the state part into `lane`. False if it is not well formed or its
/// ledger does not balance; `lane` is then unchanged.
bool decode_lane_state(std::string_view text, lane_record& lane);

/// True when the counters and offsets of `lane` agree with each other.
bool balanced(const lane_record& lane);

} // namespace tidegate
