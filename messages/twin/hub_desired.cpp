#include "messages/twin/hub_desired.hpp"

#include "messages/ec.hpp"

#include <boost/json/value.hpp>
#include <string>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

caf::error refuse(std::string_view member, std::string_view problem) {
  return caf::make_error(ec::bad_argument, "$edgeHub." + std::string{member}
                                             + ": " + std::string{problem});
}

caf::error read_schema(const json::value& from, hub_desired& into) {
  const auto* text = from.if_string();
  const auto parsed
    = routing::parse_schema_version(text ? std::string_view{*text} : "");
  if (!parsed)
    return refuse("schemaVersion", "must be 1.0 to 1.3");
  into.schema = *parsed;
  return {};
}

/// Without the field the time to live is 0: what cannot be delivered at once
/// is kept for no time. A negative one is for ever.
caf::error read_forwarding(const json::value& from, hub_desired& into) {
  const auto* object = from.if_object();
  if (!object)
    return refuse("storeAndForwardConfiguration", "must be an object");
  into.time_to_live = {};
  const auto* seconds = object->if_contains("timeToLiveSecs");
  if (!seconds)
    return {};
  if (!seconds->is_int64())
    return refuse("storeAndForwardConfiguration.timeToLiveSecs",
                  "must be a whole number");
  into.time_to_live = std::chrono::seconds{
    seconds->get_int64() < 0 ? -1 : seconds->get_int64()};
  return {};
}

} // namespace

caf::expected<hub_desired> read_hub_desired(const json::object& from,
                                            hub_desired initial) {
  caf::error error;
  if (const auto* version = from.if_contains("schemaVersion"))
    if ((error = read_schema(*version, initial)))
      return error;
  if (const auto* routes = from.if_contains("routes")) {
    if (!routes->is_object())
      return refuse("routes", "must be an object");
    initial.routes = routes->get_object();
  }
  if (const auto* forward = from.if_contains("storeAndForwardConfiguration"))
    if ((error = read_forwarding(*forward, initial)))
      return error;
  return initial;
}

caf::expected<hub_desired> read_hub_desired(const json::object& from) {
  if (!from.contains("schemaVersion"))
    return refuse("schemaVersion", "is missing");
  auto found = read_hub_desired(from, hub_desired{});
  if (!found || found->schema < routing::schema_version{1, 1})
    return found;
  for (const auto* needed : {"routes", "storeAndForwardConfiguration"})
    if (!from.contains(needed))
      return refuse(needed, "is missing");
  return found;
}

} // namespace tidegate::twin
