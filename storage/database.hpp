#pragma once

#include "storage/lost_part.hpp"
#include "storage/rocks.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace tidegate {

class partition_repair;

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
  /// Identities and documents are copies, of which a parent has the originals.
  bool copies = false;
  /// Where files of the store that are damaged are kept; empty: nowhere.
  std::filesystem::path quarantine;
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

  /// Reads from `which` by `read`, which gets what `enter` gives, and mends the
  /// partition when it turns out to be damaged: of identities and documents,
  /// what cannot be read is lost, and the rest is there, and `read` is called
  /// once more. Not to be called while a lease is held.
  template <class Read>
  rocksdb::Status read(partition which, Read read);

  /// Whether the record with `key`, which is not there, may have been lost with
  /// a damaged part.
  bool may_be_lost(partition which, std::string_view key) const {
    return lost_at(which, key).has_value();
  }
  /// When that was found out last, in milliseconds since 1970.
  std::optional<std::int64_t> lost_at(partition which,
                                      std::string_view key) const;

  /// Tells `listener` of damage that is mended from now on, and of what was
  /// mended before there was one.
  void on_damage(damage_listener listener);

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
  rocksdb::Status open_files(bool tolerant);
  partition_repair repair_of(partition which);
  rocksdb::Status reopen_mended();
  rocksdb::Status mend(partition which);
  rocksdb::Status finish_mending();
  rocksdb::Status recall_lost();
  void keep_files(const lost_part& what) const;
  void tell(const lost_part& what);
  caf::error check_format();
  caf::error probe();
  caf::error sync_logs();
  caf::error flush_families(const rocks& open, bool wait) const;
  caf::error error(std::string_view doing, const rocksdb::Status& status) const;

  database_options options_;
  mutable std::shared_mutex mutex_; ///< unique only while reopening
  std::unique_ptr<rocks> rocks_;
  mutable std::mutex damage_mutex_;
  std::vector<lost_part> lost_; ///< of authorities: what is not to be forgotten
  std::vector<lost_part> untold_;
  damage_listener listener_;
};

template <class Read>
rocksdb::Status database::read(partition which, Read read) {
  auto status = [&] {
    const auto open = enter();
    return open ? read(*open) : rocksdb::Status::ShutdownInProgress();
  }();
  if (!status.IsCorruption() || options_.read_only)
    return status;
  if (const auto mended = mend(which); !mended.ok())
    return status;
  const auto open = enter();
  return open ? read(*open) : rocksdb::Status::ShutdownInProgress();
}

using database_ptr = std::shared_ptr<database>;

/// `status` as an error: `ec::store_damaged` for corruption, else
/// `ec::store_failed`. `doing` completes "cannot ...".
caf::error store_error(std::string_view doing, const rocksdb::Status& status);

} // namespace tidegate
