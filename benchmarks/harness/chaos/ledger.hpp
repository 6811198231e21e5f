#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tidegate::harness {

/// The sums of a node's ledger over all lanes.
struct ledger_sums {
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t pending = 0;
  std::uint64_t dropped = 0; ///< expired, evicted, rejected or damaged
};

/// Reads what `tidegate audit --json` printed; nothing when it is not that, or
/// when a ledger in it does not balance.
std::optional<ledger_sums> read_ledger(std::string_view printed);

} // namespace tidegate::harness
