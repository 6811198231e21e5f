#include "actors/store/store_meters.hpp"

#include <string>

namespace tidegate {

namespace {

/// Raises `counter` by what was added to a number of the ledger.
void follow(prometheus::Counter& counter, std::uint64_t& shown,
            std::uint64_t now) {
  counter.Increment(static_cast<double>(now - shown));
  shown = now;
}

} // namespace

store_meters::store_meters(metrics& all)
  : all_{all}, commits_{all.counter("tidegate_store_commits_total",
                                    "Groups written to the store.")},
    records_{all.counter("tidegate_store_records_total",
                         "Messages written to the store.")},
    duration_{all.summary("tidegate_store_commit_duration_seconds",
                          "Time to write a group and make it safe.")},
    errors_{all.counter("tidegate_store_write_errors_total",
                        "Groups that could not be written.")},
    refused_{all.counter("tidegate_store_refused_total",
                         "Messages not taken because the store was full; "
                         "one that is sent again counts again.")},
    bytes_{all.gauge("tidegate_store_used_bytes",
                     "Bytes that the store's folder takes.")},
    quota_{all.gauge("tidegate_store_quota_bytes",
                     "Bytes that the store's folder may take.")},
    quarantined_{all.gauge("tidegate_store_quarantined_blocks",
                           "Stretches of lanes that could not be read.")} {}

void store_meters::committed(std::size_t records,
                             std::chrono::nanoseconds took) {
  commits_.Increment();
  records_.Increment(static_cast<double>(records));
  duration_.Observe(std::chrono::duration<double>{took}.count());
}

void store_meters::failed() { errors_.Increment(); }

store_meters::lane_meters& store_meters::meters_of(const lane_status& lane) {
  if (const auto known = lanes_.find(lane.id); known != lanes_.end())
    return known->second;
  const prometheus::Labels labels{
    {"lane", std::to_string(static_cast<std::uint32_t>(lane.id))},
    {"sink", lane.key.sink},
    {"priority", std::to_string(lane.key.priority)},
    {"on_full", std::string{to_string(lane.key.full)}}};
  const auto counter
    = [&](const char* name, const char* help) -> prometheus::Counter& {
    return all_.counter(name, help, labels);
  };
  const auto gauge
    = [&](const char* name, const char* help) -> prometheus::Gauge& {
    return all_.gauge(name, help, labels);
  };
  return lanes_
    .emplace(
      lane.id,
      lane_meters{counter("tidegate_lane_accepted_total",
                          "Messages taken into the lane."),
                  counter("tidegate_lane_delivered_total",
                          "Messages that their target took."),
                  counter("tidegate_lane_expired_total",
                          "Messages whose time to live passed."),
                  counter("tidegate_lane_evicted_total",
                          "Messages pushed out by the quota, by what a log "
                          "may hold or its operator, or with a dropped lane."),
                  counter("tidegate_lane_rejected_total",
                          "Messages that their target will never take."),
                  counter("tidegate_lane_damaged_total",
                          "Messages that could not be read from the disk."),
                  gauge("tidegate_lane_pending_messages",
                        "Messages waiting in the lane."),
                  gauge("tidegate_lane_pending_bytes",
                        "Encoded size of the messages waiting in the lane."),
                  {}})
    .first->second;
}

store_meters::route_meters& store_meters::meters_of(const std::string& route) {
  if (const auto known = routes_.find(route); known != routes_.end())
    return known->second;
  const auto counter
    = [&](const char* name, const char* help) -> prometheus::Counter& {
    return all_.counter(name, help, {{"route", route}});
  };
  return routes_
    .emplace(route,
             route_meters{
               counter("tidegate_route_accepted_total",
                       "Messages that the route has brought into the store."),
               counter("tidegate_route_evicted_total",
                       "Messages of the route pushed out by the quota."),
               counter("tidegate_route_refused_total",
                       "Messages of the route not taken because the store "
                       "was full.")})
    .first->second;
}

void store_meters::observe_routes(
  const std::vector<lane_record>& lanes,
  const std::map<std::string, std::uint64_t>& refused) {
  std::map<std::string, route_share> sums;
  for (const auto& lane : lanes)
    for (const auto& share : lane.routes) {
      sums[share.route].accepted += share.accepted;
      sums[share.route].evicted += share.evicted;
    }
  for (const auto& [route, sum] : sums) {
    auto& meters = meters_of(route);
    follow(meters.accepted, meters.shown_accepted, sum.accepted);
    follow(meters.evicted, meters.shown_evicted, sum.evicted);
  }
  for (const auto& [route, count] : refused) {
    auto& meters = meters_of(route);
    follow(meters.refused, meters.shown_refused, count);
  }
}

void store_meters::observe(const lane_store& store) {
  auto quarantined = std::uint64_t{0};
  const auto lanes = store.records();
  observe_routes(lanes, store.refused_by_route());
  for (const auto& lane : lanes) {
    quarantined += lane.quarantined;
    if (lane.dropped && !lanes_.contains(lane.status.id))
      continue;
    auto& meters = meters_of(lane.status);
    const auto& now = lane.status.ledger;
    auto& shown = meters.shown;
    follow(meters.accepted, shown.accepted, now.accepted);
    follow(meters.delivered, shown.delivered, now.delivered);
    follow(meters.expired, shown.expired, now.expired);
    follow(meters.evicted, shown.evicted, now.evicted);
    follow(meters.rejected, shown.rejected, now.rejected);
    follow(meters.damaged, shown.damaged, now.damaged);
    meters.pending.Set(static_cast<double>(now.pending()));
    meters.bytes.Set(static_cast<double>(lane.status.bytes));
  }
  follow(refused_, shown_refused_, store.refused());
  quarantined_.Set(static_cast<double>(quarantined));
  bytes_.Set(static_cast<double>(store.used()));
  quota_.Set(static_cast<double>(store.limit()));
}

} // namespace tidegate
