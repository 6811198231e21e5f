#pragma once

#include "storage/lane_record.hpp"
#include "storage/rocks.hpp"

#include <caf/expected.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace tidegate {

/// A stretch of a lane that could not be read, and what is left of it.
struct damaged_stretch {
  lane_gap where;
  std::string remains; ///< the stored bytes, if there were any
  std::string why;
};

struct lane_blocks {
  std::vector<stored_block> blocks;
  std::vector<damaged_stretch> damage;
};

/// Which part of a lane to read. Everything in [from, end) is expected to be
/// there, but for `gaps`; what is not, is damage.
struct lane_stretch {
  lane_id lane{};
  std::uint64_t floor = 0; ///< nothing lies before; saves looking there
  std::uint64_t from = 0;
  std::uint64_t end = 0;
  std::vector<lane_gap> gaps;
};

/// How much to read at a time: whichever is reached first, and at least one
/// block when there is one.
struct read_limit {
  std::size_t bytes = 0; ///< of encoded text, about
  std::size_t blocks = std::numeric_limits<std::size_t>::max();
};

/// Reads the block that holds `what.from`, and those behind it, up to `most`. A
/// null snapshot reads the present. An error means that reading itself failed;
/// a damaged block is no error. Safe from any thread.
caf::expected<lane_blocks>
read_blocks(const rocks& db, const lane_stretch& what, read_limit most,
            const rocksdb::Snapshot* snapshot = nullptr);

} // namespace tidegate
