#include "runtime/node/route_source.hpp"

#include "messages/ec.hpp"
#include "messages/routing/route_table.hpp"

#include <boost/json/value.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;

/// Schema 1.1 knows both forms of a route, a text and an object.
constexpr routing::schema_version own_schema{1, 1};

struct routes_text {
  json::object routes;
  routing::schema_version schema = own_schema;
  std::chrono::seconds time_to_live{-1};
};

caf::expected<routes_text> of_manifest(const json::object& hub,
                                       std::chrono::seconds initial) {
  routes_text found{{}, own_schema, initial};
  if (const auto* version = hub.if_contains("schemaVersion")) {
    const auto* text = version->if_string();
    const auto parsed = routing::parse_schema_version(
      text ? std::string_view{*text} : std::string_view{});
    if (!parsed)
      return caf::make_error(ec::bad_argument,
                             "$edgeHub.schemaVersion: must be 1.0 to 1.3");
    found.schema = *parsed;
  }
  if (const auto* routes = hub.if_contains("routes")) {
    if (!routes->is_object())
      return caf::make_error(ec::bad_argument,
                             "$edgeHub.routes: must be an object");
    found.routes = routes->get_object();
  }
  if (const auto* forward = hub.if_contains("storeAndForwardConfiguration")) {
    const auto* seconds
      = forward->is_object()
          ? forward->get_object().if_contains("timeToLiveSecs")
          : nullptr;
    if (seconds && !seconds->is_int64())
      return caf::make_error(ec::bad_argument,
                             "$edgeHub.storeAndForwardConfiguration."
                             "timeToLiveSecs: must be a whole number");
    found.time_to_live
      = std::chrono::seconds{seconds ? seconds->get_int64() : 0};
  }
  return found;
}

routes_text of_config(const config& from) {
  routes_text found;
  found.time_to_live = from.store.time_to_live;
  for (const auto& [name, text] : from.routes)
    found.routes[name] = text;
  if (found.routes.empty())
    found.routes["upstream"] = "FROM /messages/* INTO $upstream";
  return found;
}

} // namespace

caf::expected<set_routes>
initial_routes(const config& from, const node_profile& who,
               const std::optional<deployment::manifest>& manifest) {
  auto text = of_config(from);
  if (manifest && !manifest->hub_desired.empty()) {
    auto found = of_manifest(manifest->hub_desired, from.store.time_to_live);
    if (!found)
      return found.error();
    text = std::move(*found);
  }
  auto specs = routing::parse_routes(text.routes, text.schema, who.device);
  if (!specs)
    return caf::make_error(ec::bad_argument, to_string(specs.error()));
  const auto table = std::make_shared<const routing::route_table>(
    std::move(*specs), text.time_to_live, who.device);
  set_routes wish{table, table->sinks()};
  // A hub keeps one event log, whatever the priorities of its routes.
  if (who.is_hub())
    for (auto& sink : wish.sinks)
      if (sink.sink == "iothub")
        sink.priority = default_priority;
  return wish;
}

} // namespace tidegate
