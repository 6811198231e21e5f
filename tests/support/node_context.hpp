#pragma once

#include "actors/clients/session_context.hpp"
#include "messages/routing/route_table.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <string>

/// Routes as they would be written in a manifest, `{"name": "FROM ..."}`, for
/// the edge device `edge-1`. Sink i of the table has lane `first_lane` + i.
inline tidegate::route_snapshot_ptr make_routes(const std::string& json,
                                                std::uint32_t first_lane = 1) {
  using namespace tidegate;
  auto parsed
    = routing::parse_routes(boost::json::parse(json).as_object(),
                            *routing::parse_schema_version("1.1"), "edge-1");
  REQUIRE(parsed);
  auto made = std::make_shared<route_snapshot>();
  made->table = std::make_shared<const routing::route_table>(
    std::move(*parsed), std::chrono::seconds{-1}, "edge-1");
  for (std::uint32_t i = 0; i < made->table->sinks().size(); ++i)
    made->lanes.push_back(lane_id{first_lane + i});
  return made;
}

inline std::shared_ptr<tidegate::metrics> make_metrics() {
  return std::make_shared<tidegate::metrics>(
    std::make_shared<prometheus::Registry>(), prometheus::Labels{});
}
