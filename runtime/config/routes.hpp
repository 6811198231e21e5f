#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <toml++/toml.h>
#include <variant>

namespace tidegate {

/// What is wrong with a route in a configuration file, and with which of its
/// keys (empty: with the route as a whole).
struct route_problem {
  std::string key;
  std::string text;
};

/// Reads one entry of `[routes]`, a text or a table with `route` and perhaps
/// `priority`, `time_to_live` and `on_full`, as a manifest would write it:
/// see `routing::parse_route_spec`, which has checked it too.
std::variant<boost::json::value, route_problem>
read_route(const toml::node& from);

} // namespace tidegate
