#pragma once

#include "storage/rocks.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <utility>

namespace tidegate {

/// How safe a message is when its sender gets the acknowledgement.
enum class durability : std::uint8_t {
  power,   ///< synced to the disk: survives a power cut
  process, ///< in the write-ahead log: survives a crash of this process
  none     ///< in memory: survives neither
};

inline constexpr std::uint64_t smallest_quota = std::uint64_t{16} << 20;

struct database_options {
  std::filesystem::path path; ///< the folder of the store itself
  durability safety = durability::power;
  /// What the folder may grow to, at least `smallest_quota`. The sizes of
  /// buffers, log and files follow from it.
  std::uint64_t quota = std::uint64_t{10} << 30;
  /// For an audit: nothing is created, changed or locked.
  bool read_only = false;
  /// Where files live; borrowed. Null is the operating system.
  rocksdb::Env* env = nullptr;
};

/// The store's folder and the RocksDB in it, which `lane_store`,
/// `identity_store`, `document_store` and `c2d_store` share. Thread-safe.
class database {
public:
  /// Opens or creates the store. The error (`ec::store_failed`, or
  /// `ec::store_damaged` when its contents cannot be trusted) names the folder
  /// and the reason: missing rights, locked by another process, corrupt, of an
  /// unknown format version. There is no fallback.
  static caf::expected<std::shared_ptr<database>>
  open(const database_options& options);

  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// Keeps RocksDB open while it is used. False when it is closed, which it
  /// only is after a failed `recover`.
  class lease {
  public:
    lease(std::shared_mutex& mutex, const std::unique_ptr<rocks>& open)
      : lock_(mutex), open_(open.get()) {}

    explicit operator bool() const { return open_ != nullptr; }
    const rocks& operator*() const { return *open_; }
    const rocks* operator->() const { return open_; }

  private:
    std::shared_lock<std::shared_mutex> lock_;
    const rocks* open_;
  };
  lease enter() const { return {mutex_, rocks_}; }
  /// What to answer when a lease is false.
  caf::error closed() const;

  const database_options& options() const { return options_; }

  /// How a write is written that is worth a sync under any configuration.
  static rocksdb::WriteOptions synced();
  /// How a write that must have the configured safety is written.
  rocksdb::WriteOptions safe() const;
  /// How a write is written that may be lost with the power, but stays in
  /// order with the others.
  rocksdb::WriteOptions relaxed() const;

  // To be called with what `enter` gave.

  /// Writes in one go.
  caf::error write(const rocks& open, rocksdb::WriteBatch& batch,
                   const rocksdb::WriteOptions& how) const;
  /// Makes everything written so far as safe as it can be.
  caf::error sync(const rocks& open) const;
  /// Has everything written so far moved from the log into files, in the
  /// background. After a power cut, what is in files and what is in the log
  /// agree: the old log is synced before a new one is begun.
  caf::error flush(const rocks& open) const;

  /// Leaves the state in which RocksDB refuses to write, after a write has
  /// failed. Fails while the cause persists. What was reported as failed may
  /// be there afterwards: read again what is held in memory.
  caf::error recover();

  /// Bytes that the files of the store take now.
  std::uint64_t size_on_disk() const;

private:
  database() = default;
  rocksdb::Env& env() const;
  caf::error open_rocks();
  caf::error check_format();
  caf::error probe();
  caf::error sync_logs();
  caf::error flush_families(const rocks& open, bool wait) const;
  caf::error error(std::string_view doing, const rocksdb::Status& status) const;

  database_options options_;
  mutable std::shared_mutex mutex_; ///< unique only while reopening
  std::unique_ptr<rocks> rocks_;
};

using database_ptr = std::shared_ptr<database>;

/// `status` as an error: `ec::store_damaged` for corruption, else
/// `ec::store_failed`. `doing` completes "cannot ...".
caf::error store_error(std::string_view doing, const rocksdb::Status& status);

} // namespace tidegate
