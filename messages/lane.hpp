#pragma once

#include "messages/block.hpp"
#include "messages/on_full.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace tidegate {

/// A lane is the durable queue of one (sink, priority, on_full); design
/// section 4.
/// The number is given by the store and never reused.
enum class lane_id : std::uint32_t {};

/// What a lane is for. `sink` is an endpoint id (edge-hub spec 4.2):
/// `iothub`, or `edge-1/filter/in1`. Priority 0 is the highest.
struct lane_key {
  std::string sink;
  std::uint32_t priority = 0;
  on_full full = on_full::reject;

  auto operator<=>(const lane_key&) const = default;
};

inline constexpr std::uint32_t default_priority = 2'000'000'000;

/// How the life of one stored message ended.
enum class outcome : std::uint8_t {
  delivered, ///< its target took it
  expired,   ///< its time to live passed first
  rejected,  ///< poison: the target will never take it
  evicted,   ///< made room for others, as its log's limits or operator say
};

/// `count` neighbouring messages that ended alike.
struct settled_run {
  std::uint32_t count = 0;
  outcome how = outcome::delivered;
};

/// A block and the lane offset of its first record.
struct stored_block {
  std::uint64_t first = 0;
  block_ptr data;

  std::uint64_t end() const { return first + data->size(); }
};

/// A block on its way into a lane.
struct lane_block {
  lane_id lane{};
  block_ptr data;
};

/// accepted = delivered + pending + expired + evicted + rejected + damaged, at
/// every moment, on disk as in memory (design section 4).
struct lane_ledger {
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t expired = 0;
  std::uint64_t evicted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t damaged = 0; ///< unreadable on disk; quarantined

  std::uint64_t done() const {
    return delivered + expired + evicted + rejected + damaged;
  }
  std::uint64_t pending() const { return accepted - done(); }
  bool operator==(const lane_ledger&) const = default;
};

/// A lane as the store sees it. Offsets count from 0 and never repeat;
/// `cursor` is the first offset that is not done, `next` the first unused.
struct lane_status {
  lane_id id{};
  lane_key key;
  std::uint64_t cursor = 0;
  std::uint64_t next = 0;
  std::uint64_t bytes = 0; ///< encoded size of what is pending, about
  lane_ledger ledger;
};

} // namespace tidegate
