#include "runtime/node/route_source.hpp"

#include "messages/ec.hpp"
#include "messages/routing/route_table.hpp"

#include <boost/json/value.hpp>

namespace tidegate {

namespace {

using twin::hub_desired;

hub_desired of_config(const config& from) {
  hub_desired found;
  found.time_to_live = from.store.time_to_live;
  for (const auto& [name, text] : from.routes)
    found.routes[name] = text;
  if (found.routes.empty())
    found.routes["upstream"] = "FROM /messages/* INTO $upstream";
  return found;
}

caf::expected<set_routes> compile(const hub_desired& from,
                                  const node_profile& who) {
  auto specs = routing::parse_routes(from.routes, from.schema, who.device);
  if (!specs)
    return caf::make_error(ec::bad_argument, to_string(specs.error()));
  const auto table = std::make_shared<const routing::route_table>(
    std::move(*specs), from.time_to_live, who.device);
  set_routes wish{table, table->sinks()};
  // A hub keeps one event log, whatever the priorities of its routes.
  if (who.is_hub())
    for (auto& sink : wish.sinks)
      if (sink.sink == "iothub")
        sink.priority = default_priority;
  return wish;
}

} // namespace

caf::expected<set_routes> routes_of_twin(const boost::json::object& desired,
                                         const node_profile& who) {
  const auto found = twin::read_hub_desired(desired);
  if (!found)
    return found.error();
  return compile(*found, who);
}

caf::expected<set_routes>
initial_routes(const config& from, const node_profile& who,
               const std::optional<deployment::manifest>& manifest,
               const boost::json::object& applied) {
  if (!applied.empty())
    return routes_of_twin(applied, who);
  const auto of_file = of_config(from);
  if (!manifest || manifest->hub_desired.empty())
    return compile(of_file, who);
  const auto found = twin::read_hub_desired(
    manifest->hub_desired, hub_desired{{1, 1}, {}, from.store.time_to_live});
  if (!found)
    return found.error();
  return compile(*found, who);
}

} // namespace tidegate
