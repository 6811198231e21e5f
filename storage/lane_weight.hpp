#pragma once

#include "messages/lane.hpp"
#include "storage/rocks.hpp"

#include <caf/expected.hpp>

#include <cstdint>

namespace tidegate {

/// Bytes that the blocks of `lane` with offsets in [from, end) take on disk.
/// A small stretch is walked, a large one estimated from the indexes of its
/// files: either costs little. Safe from any thread.
caf::expected<std::uint64_t> weigh_blocks(const rocks& db, lane_id lane,
                                          std::uint64_t from,
                                          std::uint64_t end);

/// The lowest offset of [from, end] from which on the blocks take at most
/// `bytes`, weighed in the same way.
caf::expected<std::uint64_t> newest_blocks(const rocks& db, lane_id lane,
                                           std::uint64_t from,
                                           std::uint64_t end,
                                           std::uint64_t bytes);

} // namespace tidegate
