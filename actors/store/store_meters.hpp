#pragma once

#include "actors/metrics.hpp"
#include "storage/lane_store.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace tidegate {

/// The store's own metrics: `tidegate_store_*`, and `tidegate_lane_*` per
/// lane, which mirror the ledger.
class store_meters {
public:
  explicit store_meters(metrics& all);

  void committed(std::size_t records, std::chrono::nanoseconds took);
  void failed();
  /// Brings the lane metrics and the gauges up to date.
  void observe(const lane_store& store);

private:
  struct lane_meters {
    prometheus::Counter& accepted;
    prometheus::Counter& delivered;
    prometheus::Counter& expired;
    prometheus::Counter& evicted;
    prometheus::Counter& rejected;
    prometheus::Counter& damaged;
    prometheus::Gauge& pending;
    prometheus::Gauge& bytes;
    /// What the counters show; they are the node's, the ledger is the disk's.
    lane_ledger shown;
  };

  struct route_meters {
    prometheus::Counter& accepted;
    prometheus::Counter& evicted;
    prometheus::Counter& refused;
    std::uint64_t shown_accepted = 0;
    std::uint64_t shown_evicted = 0;
    std::uint64_t shown_refused = 0;
  };

  lane_meters& meters_of(const lane_status& lane);
  route_meters& meters_of(const std::string& route);
  void observe_routes(const std::vector<lane_record>& lanes,
                      const std::map<std::string, std::uint64_t>& refused);

  metrics& all_;
  prometheus::Counter& commits_;
  prometheus::Counter& records_;
  prometheus::Summary& duration_;
  prometheus::Counter& errors_;
  prometheus::Counter& refused_;
  prometheus::Gauge& bytes_;
  prometheus::Gauge& quota_;
  prometheus::Gauge& quarantined_;
  std::uint64_t shown_refused_ = 0;
  std::map<lane_id, lane_meters> lanes_;
  std::map<std::string, route_meters> routes_;
};

} // namespace tidegate
