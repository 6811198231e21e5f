#include "actors/store/lane_reader.hpp"

#include "actors/log.hpp"

#include <caf/send.hpp>
#include <utility>

namespace tidegate {

namespace {

void report(const lane_damaged& damage) {
  log::error("store", "messages cannot be read; what is left is in quarantine",
             {{"lane", std::to_string(static_cast<unsigned>(damage.lane))},
              {"first", std::to_string(damage.first)},
              {"messages", std::to_string(damage.end - damage.first)}});
}

} // namespace

lane_reader_actor::behavior_type
lane_reader(lane_reader_actor::pointer, std::shared_ptr<const lane_store> lanes,
            store_actor store) {
  return {
    [lanes, store = std::move(store)](
      const read_lane& wanted) -> caf::result<lane_stored> {
      auto found = lanes->read(wanted.lane, wanted.from, wanted.max_bytes);
      if (!found)
        return found.error();
      for (const auto& damage : found->damaged) {
        report(damage);
        caf::anon_send(store, damage);
      }
      return lane_stored{wanted.lane, std::move(found->blocks)};
    },
    [lanes](const weigh_lane& wanted) -> caf::result<lane_weight> {
      const auto found = lanes->weigh(wanted.lane, wanted.from, wanted.end);
      if (!found)
        return found.error();
      return lane_weight{*found};
    },
    [lanes](const find_newest& wanted) -> caf::result<lane_place> {
      const auto found = lanes->newest(wanted.lane, wanted.bytes);
      if (!found)
        return found.error();
      return lane_place{*found};
    },
  };
}

} // namespace tidegate
