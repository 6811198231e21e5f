#pragma once

#include "storage/database.hpp"

#include <cstddef>
#include <rocksdb/options.h>
#include <vector>

namespace tidegate {

/// RocksDB for this shape of load: one writer with large explicit batches,
/// lanes that grow at one end and are trimmed at the other, a small idle
/// footprint, and everything that grows bounded inside the quota.
rocksdb::DBOptions tuned_options(const database_options& options);

/// How much the lanes gather in memory before the lane store has it flushed.
std::size_t flush_step(const database_options& options);

/// The column families in the order of `partition`.
std::vector<rocksdb::ColumnFamilyDescriptor>
tuned_families(const database_options& options);

} // namespace tidegate
