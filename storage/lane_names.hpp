#pragma once

#include "storage/lane_record.hpp"
#include "storage/rocks.hpp"

#include <caf/expected.hpp>

#include <map>
#include <string>

namespace tidegate {

/// Where the name of a lane is kept in the `meta` partition.
std::string lane_name_key(lane_id lane);

/// The names of all lanes that ever were, with empty states.
caf::expected<std::map<lane_id, lane_record>>
read_lane_names(const rocks& db, const rocksdb::Snapshot* at = nullptr);

/// Reads the state of `lane` into it; a lane that was never written to has
/// none and stays empty. `ec::store_damaged` if it does not make sense.
caf::error read_lane_state(const rocks& db, lane_record& lane,
                           const rocksdb::Snapshot* at = nullptr);

} // namespace tidegate
