#pragma once

#include "storage/database.hpp"
#include "storage/lane_record.hpp"

#include <string>
#include <vector>

namespace tidegate {

/// What the disk says about one lane.
struct lane_audit {
  lane_record lane;
  /// Messages at or behind the cursor, counted in the blocks themselves.
  std::uint64_t present = 0;
  /// Messages that should be there and cannot be read.
  std::uint64_t missing = 0;
  /// A sentence per thing that is wrong; none: the ledger balances.
  std::vector<std::string> findings;

  bool balanced() const { return findings.empty(); }
};

/// Recounts every lane, dropped ones included, from disk: accepted =
/// delivered + pending + expired + evicted + rejected + damaged, where pending
/// is what is really there. Sees one moment of a store in use, and changes
/// nothing; takes as long as reading the backlog does. Safe from any thread.
caf::expected<std::vector<lane_audit>> audit_lanes(const database& db);

} // namespace tidegate
