#pragma once

#include "storage/block_reader.hpp"
#include "storage/eviction_order.hpp"
#include "storage/lane_group.hpp"
#include "storage/lane_record.hpp"
#include "storage/quota.hpp"
#include "storage/refusals.hpp"
#include "storage/rocks.hpp"

#include <cstdint>
#include <map>
#include <rocksdb/write_batch.h>
#include <span>

namespace tidegate {

/// A group while it is put together: copies of the lanes it changes, and the
/// batch that will be written. Nothing outside changes until the write has
/// succeeded and the store takes `changed` over.
class lane_draft {
public:
  lane_draft(const rocks& db, const std::map<lane_id, lane_record>& lanes,
             const quota& room, refusals& order);

  void apply(const lane_damaged& damage);
  void apply(const settle_lane& settlement);
  /// Deletes done blocks of the lanes changed so far, where it pays.
  void trim();
  /// Deletes the done blocks of `lane`.
  void trim(lane_id lane);
  void apply(const group_append& append);

  /// Writes the states of all changed lanes. Call last.
  void seal();

  rocksdb::WriteBatch& batch() { return batch_; }
  std::map<lane_id, lane_record>& changed() { return changed_; }
  group_result& result() { return result_; }
  /// True when an append was taken: its sender waits for safety.
  bool has_appends() const { return has_appends_; }
  /// True when blocks were pushed out: their room is wanted at once.
  bool has_evictions() const { return has_evictions_; }
  /// Messages whose append found no room, by route.
  const std::map<std::string, std::uint64_t>& refused() const {
    return refused_;
  }

private:
  /// The lane as this group has made it so far; null if there is none.
  const lane_record* view(lane_id id) const;
  /// The same, to be changed.
  lane_record* edit(lane_id id);
  void delete_blocks(lane_record& lane, std::uint64_t end);
  caf::error check(const group_append& append) const;
  /// That of the block for which there is the least room.
  way way_of(std::span<const lane_block> append) const;
  caf::error make_room(std::span<const lane_block> append, std::uint64_t bytes);
  /// Pushes about `bytes` out of the lane whose turn it is. False when there
  /// is none.
  bool evict_next(const eviction_order& order, std::uint64_t bytes);
  /// What is left of `lane` on disk, without what this group brings.
  lane_stretch stored(const lane_record& lane) const;

  const rocks& db_;
  const std::map<lane_id, lane_record>& lanes_;
  const quota& quota_;
  refusals& refusals_; ///< grows even if the group is not written
  std::uint64_t pending_bytes_ = 0;
  rocksdb::WriteBatch batch_;
  std::map<lane_id, lane_record> changed_;
  group_result result_;
  bool has_appends_ = false;
  bool has_evictions_ = false;
  std::map<std::string, std::uint64_t> refused_;
};

} // namespace tidegate
