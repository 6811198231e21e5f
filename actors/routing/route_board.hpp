#pragma once

#include "messages/lane.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace tidegate {

namespace routing {
class route_table;
} // namespace routing

/// The routes in force, with the lane of each of the table's sinks.
struct route_snapshot {
  std::shared_ptr<const routing::route_table> table;
  /// Indexed like the sinks of `table`.
  std::vector<lane_id> lanes;
};

using route_snapshot_ptr = std::shared_ptr<const route_snapshot>;

/// Where the router publishes and every session reads; no message is needed
/// to route one. Safe from any thread.
class route_board {
public:
  route_snapshot_ptr current() const { return current_.load(); }
  void publish(route_snapshot_ptr next) { current_.store(std::move(next)); }

private:
  std::atomic<route_snapshot_ptr> current_{
    std::make_shared<const route_snapshot>()};
};

} // namespace tidegate
