#pragma once

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <rocksdb/db.h>
#include <string>
#include <string_view>

namespace tidegate {

/// How safe a message is when its sender gets the acknowledgement.
enum class durability : std::uint8_t {
  power,   ///< synced to the disk: survives a power cut
  process, ///< in the write-ahead log: survives a crash of this process
  none     ///< in memory: survives neither
};

/// The parts of the store, one RocksDB column family each.
enum class partition : std::uint8_t {
  meta,       ///< format version, lane names
  lanes,      ///< blocks, and one state record per lane
  identities, ///< devices and modules
  documents   ///< small named JSON documents
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

/// The open store. Owns RocksDB; the classes beside it (`lane_store`,
/// `identity_store`, `document_store`) share it. Thread-safe.
class database {
public:
  /// Opens or creates the store. The error (`ec::store_failed`, or
  /// `ec::store_damaged` when its contents cannot be trusted) names the folder
  /// and the reason: missing rights, locked by another process, corrupt, of an
  /// unknown format version. There is no fallback.
  static caf::expected<std::shared_ptr<database>>
  open(const database_options& options);

  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  rocksdb::DB& rocks() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(partition which) const {
    return families_[static_cast<std::size_t>(which)];
  }
  const database_options& options() const { return options_; }

  /// How a write is written that is worth a sync under any configuration.
  static rocksdb::WriteOptions synced();
  /// How a write that must have the configured safety is written.
  rocksdb::WriteOptions safe() const;
  /// How a write is written that may be lost with the power, but stays in
  /// order with the others.
  rocksdb::WriteOptions relaxed() const;
  /// Makes everything written so far as safe as it can be.
  rocksdb::Status sync() const;

  /// Bytes that the files of the store take now.
  std::uint64_t size_on_disk() const;

  /// Leaves the failed state that RocksDB enters when writing fails. Fails
  /// while the cause persists.
  rocksdb::Status recover();

private:
  database() = default;
  caf::error check_format();

  database_options options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, 4> families_{};
};

using database_ptr = std::shared_ptr<database>;

/// `status` as an error: `ec::store_damaged` for corruption, else
/// `ec::store_failed`. `doing` completes "cannot ...".
caf::error store_error(std::string_view doing, const rocksdb::Status& status);

} // namespace tidegate
