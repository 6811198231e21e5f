#include "runtime/config/routes.hpp"

#include "messages/routing/route_spec.hpp"
#include "runtime/config/values.hpp"

#include <boost/json/object.hpp>
#include <optional>
#include <vector>

namespace tidegate {

namespace {

namespace json = boost::json;

const std::vector<std::string> route_keys{"route", "priority", "time_to_live",
                                          "on_full"};

std::optional<std::string> read_text(const toml::node& from,
                                     json::object& into) {
  const auto text = from.value<std::string>();
  if (!text)
    return "must be a text in quotes";
  into["route"] = *text;
  return std::nullopt;
}

std::optional<std::string> read_priority(const toml::node& from,
                                         json::object& into) {
  const auto number = from.value_exact<std::int64_t>();
  if (!number || *number < 0 || *number > 9)
    return "must be a whole number from 0 (first) to 9";
  into["priority"] = *number;
  return std::nullopt;
}

std::optional<std::string> read_time_to_live(const toml::node& from,
                                             json::object& into) {
  const auto text = from.value<std::string>();
  const auto life
    = parse_duration(text.value_or("")).value_or(std::chrono::milliseconds{});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(life);
  if (seconds.count() <= 0 || seconds != life
      || seconds > std::chrono::seconds{0xFFFF'FFFF})
    return R"(must be 1 to 4294967295 whole seconds, such as "30s" or "2h")";
  into["timeToLiveSecs"] = seconds.count();
  return std::nullopt;
}

std::optional<std::string> read_full(const toml::node& from,
                                     json::object& into) {
  const auto text = from.value<std::string>().value_or("");
  if (!read_on_full(text))
    return R"(must be "reject", "drop-oldest" or "drop-lowest-priority")";
  into["onFull"] = text;
  return std::nullopt;
}

std::optional<std::string>
read_member(std::string_view key, const toml::node& from, json::object& into) {
  if (key == "route")
    return read_text(from, into);
  if (key == "priority")
    return read_priority(from, into);
  if (key == "time_to_live")
    return read_time_to_live(from, into);
  if (key == "on_full")
    return read_full(from, into);
  const auto like = nearest(key, route_keys);
  return "is not a key of a route"
         + (like ? "; did you mean " + *like + '?' : std::string{});
}

} // namespace

std::variant<json::value, route_problem> read_route(const toml::node& from) {
  json::value route;
  if (const auto text = from.value<std::string>()) {
    route = *text;
  } else if (const auto* table = from.as_table()) {
    auto& object = route.emplace_object();
    for (const auto& [key, value] : *table)
      if (const auto problem = read_member(key.str(), value, object))
        return route_problem{std::string{key.str()}, *problem};
    if (!object.contains("route"))
      return route_problem{"route", "is missing"};
  } else {
    return route_problem{"", "must be a route in quotes, or a table with one "
                             "at `route`"};
  }
  const auto spec = routing::parse_route_spec(route, {1, 1}, "edge");
  if (!spec)
    return route_problem{"", to_string(spec.error())};
  return route;
}

} // namespace tidegate
