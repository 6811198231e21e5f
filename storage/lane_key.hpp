#pragma once

#include "messages/lane.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// Keys of the `lanes` partition, big endian so that they sort by lane, then
/// by offset: `lane id | first offset -> block`. The last key of a lane holds
/// its state (see lane_record.hpp).

inline constexpr std::uint64_t state_offset
  = std::numeric_limits<std::uint64_t>::max();

/// No lane holds more messages than this in its life. The state key differs
/// from all others in its fifth byte, which keeps it in a file of its own.
inline constexpr std::uint64_t most_offsets = std::uint64_t{1} << 56;
inline constexpr std::size_t lane_partition_prefix = 5;

/// The key of the block of `lane` that starts at `first`.
inline std::string block_key(lane_id lane, std::uint64_t first) {
  const auto id = static_cast<std::uint32_t>(lane);
  std::string key(12, '\0');
  for (std::size_t i = 0; i < 4; ++i)
    key[i] = static_cast<char>(id >> (24 - 8 * i));
  for (std::size_t i = 0; i < 8; ++i)
    key[4 + i] = static_cast<char>(first >> (56 - 8 * i));
  return key;
}

/// The key of the state of `lane`.
inline std::string state_key(lane_id lane) {
  return block_key(lane, state_offset);
}

/// The offset in a key of the `lanes` partition, or nothing if it is none.
inline std::optional<std::uint64_t> offset_of(std::string_view key) {
  if (key.size() != 12)
    return std::nullopt;
  std::uint64_t offset = 0;
  for (const unsigned char byte : key.substr(4))
    offset = offset << 8 | byte;
  return offset;
}

} // namespace tidegate
