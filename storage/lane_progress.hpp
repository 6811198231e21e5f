#pragma once

#include "storage/lane_record.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tidegate {

/// The pure half of the lane store: how a lane's state answers to what
/// happens to it. Every function keeps the record balanced.

/// Takes `count` records of `bytes` in; returns the offset of the first.
std::uint64_t accept(lane_record& lane, std::uint64_t count,
                     std::uint64_t bytes);

/// Where `route` is counted; never for long.
route_share& share_of(lane_record& lane, std::string_view route);

/// Moves the cursor over `runs`, which start at offset `first`, and counts
/// how they ended. What lies before the cursor already is not counted again,
/// nor is what lies in a gap; the cursor never rests in one. Returns what is
/// wrong, or an empty text: runs that start beyond the cursor change nothing,
/// runs that reach beyond what was accepted are cut.
std::string settle(lane_record& lane, std::uint64_t first,
                   std::span<const settled_run> runs);

/// Counts everything before offset `end` as evicted. Returns how many records
/// that were.
std::uint64_t evict(lane_record& lane, std::uint64_t end);

/// Takes offsets [first, end), as far as they are pending, out as damaged.
/// Returns how many records that were.
std::uint64_t damage(lane_record& lane, std::uint64_t first, std::uint64_t end);

} // namespace tidegate
