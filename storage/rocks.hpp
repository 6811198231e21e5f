#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <rocksdb/db.h>

namespace tidegate {

/// The parts of the store, one RocksDB column family each.
enum class partition : std::uint8_t {
  meta,       ///< format version, lane names
  lanes,      ///< blocks, and one state record per lane
  identities, ///< devices and modules
  documents,  ///< small named JSON documents
  commands    ///< cloud-to-device messages
};

/// An open RocksDB with its column families; closed with this object.
struct rocks {
  std::unique_ptr<rocksdb::DB> db;
  std::array<rocksdb::ColumnFamilyHandle*, 5> families{};

  rocks() = default;
  rocks(const rocks&) = delete;
  rocks& operator=(const rocks&) = delete;
  ~rocks() {
    for (auto* handle : families)
      if (handle)
        db->DestroyColumnFamilyHandle(handle);
  }

  rocksdb::ColumnFamilyHandle* family(partition which) const {
    return families[static_cast<std::size_t>(which)];
  }
};

} // namespace tidegate
