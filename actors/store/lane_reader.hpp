#pragma once

#include "messages/store_messages.hpp"
#include "storage/lane_store.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace tidegate {

/// Reads lanes for the routes that fell behind. Spawn it detached: it waits
/// for the disk. What it finds damaged it tells `store` before it answers, so
/// that a settlement of what lies behind the damage comes later.
lane_reader_actor::behavior_type
lane_reader(lane_reader_actor::pointer self,
            std::shared_ptr<const lane_store> lanes, store_actor store);

} // namespace tidegate
