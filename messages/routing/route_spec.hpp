#pragma once

#include "messages/lane.hpp"
#include "messages/routing/route.hpp"
#include "messages/routing/schema_version.hpp"

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::routing {

/// A route with its name and what the configuration says about it.
struct route_spec {
  std::string name;
  std::string text;
  /// 0 (first) to 9, or `default_priority`.
  std::uint32_t priority = default_priority;
  /// 0 inherits the global time to live.
  std::chrono::seconds time_to_live{0};
  route compiled;
  /// Nothing inherits what is so for all routes.
  std::optional<on_full> full;
};

/// Reads one of them, without its name; nothing when it is to be skipped.
parsed<std::optional<route_spec>>
parse_route_spec(const boost::json::value& from, schema_version version,
                 std::string_view edge_device);

/// Reads the `routes` of a hub's desired properties (edge-hub spec 4.10), in
/// the order given. One bad route, be it a type error in its condition, fails
/// the whole: the error's text names the route and the column in it.
parsed<std::vector<route_spec>> parse_routes(const boost::json::object& routes,
                                             schema_version version,
                                             std::string_view edge_device);

} // namespace tidegate::routing
