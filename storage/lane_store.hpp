#pragma once

#include "messages/lane.hpp"
#include "messages/store_messages.hpp"
#include "storage/database.hpp"
#include "storage/lane_group.hpp"
#include "storage/lane_record.hpp"
#include "storage/quarantine.hpp"
#include "storage/quota.hpp"
#include "storage/refusals.hpp"

#include <caf/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace tidegate {

/// The durable queues of the node (design section 4). One thread writes:
/// every function that is not `const` belongs to it. The `const` ones are safe
/// from any thread meanwhile.
///
/// A group is one RocksDB write: blocks, cursors, counters together or not at
/// all; the state in memory changes only after it succeeded.
class lane_store {
public:
  /// Blocks of one message are as much work as larger ones: whoever gets many
  /// at once would keep others waiting.
  static constexpr std::size_t most_blocks_read = 512;

  /// Reads names and states of the lanes, no blocks. `quarantined` is the
  /// folder for what cannot be read.
  static caf::expected<std::shared_ptr<lane_store>>
  open(database_ptr db, std::filesystem::path quarantined);

  /// Makes the lane for `key` if there is none.
  caf::expected<lane_status> open_lane(const lane_key& key);

  /// Deletes what is in the lane, counted as evicted, and closes it for good.
  /// Its ledger stays for audits. `ec::lane_gone` if there is none.
  caf::error drop_lane(lane_id lane);

  /// Writes `group`. With at least one append the write is as safe as the
  /// store's durability says; settlements alone are written without a sync.
  /// An error means that nothing of the group was kept; all its appends count
  /// as refused then.
  caf::expected<group_result> commit(const lane_group& group);

  /// Nothing of `who` will be appended any more.
  void forget(refusals::sender who) { refusals_.forget(who); }

  /// Deletes what has been done with, measures the folder, and leaves a
  /// failed state if its cause is gone. To be called about once per second.
  caf::error tidy();

  /// Makes everything committed so far as safe as it can be.
  caf::error sync();

  /// Every open lane.
  std::vector<lane_status> lanes() const;
  /// Every lane, dropped ones included.
  std::vector<lane_record> records() const;
  /// One open lane, or `ec::lane_gone`.
  caf::expected<lane_status> lane(lane_id id) const;

  struct read_result {
    std::vector<stored_block> blocks;
    std::vector<lane_damaged> damaged;
  };
  /// The block that holds offset `from` of `lane` (the cursor, if that lies
  /// behind) and those after it, about `max_bytes` of encoded text and at most
  /// `most_blocks_read`. What is damaged goes to quarantine and is reported:
  /// pass it on to the writer's next group.
  caf::expected<read_result> read(lane_id lane, std::uint64_t from,
                                  std::size_t max_bytes) const;

  /// Bytes on disk of the blocks of `lane` with offsets in [from, end), about.
  caf::expected<std::uint64_t> weigh(lane_id lane, std::uint64_t from,
                                     std::uint64_t end) const;
  /// Where the newest `bytes` of what is pending in `lane` begin, about.
  caf::expected<std::uint64_t> newest(lane_id lane, std::uint64_t bytes) const;

  /// Bytes the folder takes, as far as known, and may take.
  std::uint64_t used() const;
  std::uint64_t limit() const { return db_->options().quota; }
  /// Messages that found the store full, since it was opened; one that is
  /// offered again counts again.
  std::uint64_t refused() const;
  /// The same by route. There are as many names as routes were in force.
  std::map<std::string, std::uint64_t> refused_by_route() const;

private:
  using lane_map = std::map<lane_id, lane_record>;

  lane_store(database_ptr db, std::filesystem::path quarantined);
  caf::error load();
  caf::expected<group_result> try_commit(const lane_group& group);
  caf::error write(const rocks& open, rocksdb::WriteBatch& batch,
                   const rocksdb::WriteOptions& how);
  void publish(lane_map changed);
  void count_refused(const std::map<std::string, std::uint64_t>& more);

  caf::error trim_idle(const rocks& open);
  /// Deletes files that hold nothing but what is done. `thorough` also writes
  /// files anew that hold some of it; that takes its time.
  caf::error reclaim(const rocks& open, bool thorough);
  bool wants_thorough_reclaim() const;
  void measure();
  std::uint64_t pending_bytes() const;

  database_ptr db_;
  mutable quarantine quarantine_;

  /// Guards `lanes_`, `quota_` and `refused_`: the writer changes them under
  /// it, readers copy. The writer itself reads without.
  mutable std::mutex mutex_;
  lane_map lanes_;
  quota quota_;
  std::map<lane_key, lane_id> by_key_;
  refusals refusals_; ///< the writer's
  std::uint32_t next_id_ = 1;

  /// Up to where files of a lane were deleted, and written anew.
  std::map<lane_id, std::uint64_t> reclaimed_;
  std::map<lane_id, std::uint64_t> compacted_;
  /// Bytes written since the last flush.
  std::size_t unflushed_ = 0;
  /// Nothing was appended since `tidy` was called last.
  bool idle_ = true;
  bool failed_ = false; ///< the last write
  std::map<std::string, std::uint64_t> refused_;
};

using lane_store_ptr = std::shared_ptr<lane_store>;

} // namespace tidegate
