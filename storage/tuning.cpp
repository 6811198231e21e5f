#include "storage/tuning.hpp"

#include "storage/lane_key.hpp"

#include <algorithm>
#include <rocksdb/cache.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_partitioner.h>
#include <rocksdb/table.h>

namespace tidegate {

namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

/// A share of the quota between two bounds.
std::uint64_t share(std::uint64_t quota, std::uint64_t parts, std::uint64_t low,
                    std::uint64_t high) {
  return std::clamp(quota / parts, low, high);
}

/// A log for nobody: an audit leaves no trace in the folder.
class silence : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

/// The store leaves a failed state when its writer says so, not earlier.
class no_recovery : public rocksdb::EventListener {
public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }
};

std::shared_ptr<rocksdb::TableFactory>
table(const std::shared_ptr<rocksdb::Cache>& cache, std::size_t block_size) {
  rocksdb::BlockBasedTableOptions options;
  options.block_cache = cache;
  // Memory stays flat while a backlog grows only if indexes can be evicted.
  options.cache_index_and_filter_blocks = true;
  options.block_size = block_size;
  options.format_version = 5;
  options.checksum = rocksdb::kXXH3;
  return std::shared_ptr<rocksdb::TableFactory>{
    rocksdb::NewBlockBasedTableFactory(options)};
}

/// Identities, documents and commands: few, small, rarely written.
rocksdb::ColumnFamilyOptions
small_family(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = mebibyte;
  options.arena_block_size = 8 << 10;
  options.compression = rocksdb::kNoCompression;
  options.table_factory = table(cache, 4 << 10);
  return options;
}

rocksdb::ColumnFamilyOptions
lane_family(const database_options& store,
            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  // The lane store flushes earlier; see `lane_store::write`.
  options.write_buffer_size = 2 * flush_step(store);
  options.max_write_buffer_number = 3;
  options.arena_block_size = 64 << 10;
  options.compression = rocksdb::kNoCompression;
  options.table_factory = table(cache, 32 << 10);
  // Files of one lane each can be deleted whole once the cursor has passed,
  // and move down the levels without being written again.
  options.sst_partitioner_factory
    = rocksdb::NewSstPartitionerFixedPrefixFactory(lane_partition_prefix);
  options.num_levels = 3;
  options.target_file_size_base
    = share(store.quota, 64, mebibyte / 4, 32 * mebibyte);
  options.max_bytes_for_level_base = 4 * flush_step(store);
  options.max_bytes_for_level_multiplier = 10'000;
  options.level0_file_num_compaction_trigger = 4;
  // A burst must not be braked because compaction is behind; the quota is
  // what bounds the folder.
  options.level0_slowdown_writes_trigger = 48;
  options.level0_stop_writes_trigger = 64;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  options.max_compaction_bytes = 25 * options.target_file_size_base;
  return options;
}

} // namespace

std::size_t flush_step(const database_options& store) {
  return share(store.quota, 64, mebibyte / 4, 16 * mebibyte);
}

rocksdb::DBOptions tuned_options(const database_options& store) {
  rocksdb::DBOptions options;
  options.env = store.env ? store.env : rocksdb::Env::Default();
  options.create_if_missing = true;
  options.create_missing_column_families = true;

  // One writer: nothing to negotiate with other threads.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.max_background_jobs = 2;

  options.max_total_wal_size = 4 * flush_step(store);
  // After a power cut the tail of the log may be torn; what was synced lies
  // before it. (This mode excludes `recycle_log_file_num` in RocksDB 7.8.)
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // Without the log, only a flush of all families at once keeps them together.
  options.atomic_flush = store.safety == durability::none;
  options.bytes_per_sync = mebibyte;

  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(std::make_shared<no_recovery>());

  // Opening takes the same time whatever the backlog.
  options.max_open_files = 128;
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true;
  options.avoid_flush_during_recovery = true;

  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = mebibyte;
  options.keep_log_file_num = 2;
  options.max_manifest_file_size = 4 * mebibyte;
  options.manifest_preallocation_size = 64 << 10;
  options.writable_file_max_buffer_size = mebibyte;
  options.table_cache_numshardbits = 2;
  if (store.read_only)
    options.info_log = std::make_shared<silence>();
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor>
tuned_families(const database_options& store) {
  rocksdb::LRUCacheOptions cache_options;
  cache_options.capacity = 8 * mebibyte;
  cache_options.num_shard_bits = 2;
  const auto cache = rocksdb::NewLRUCache(cache_options);
  return {
    {rocksdb::kDefaultColumnFamilyName, small_family(cache)},
    {"lanes", lane_family(store, cache)},
    {"identities", small_family(cache)},
    {"documents", small_family(cache)},
    {"commands", small_family(cache)},
  };
}

} // namespace tidegate
