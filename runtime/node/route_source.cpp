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
  found.routes = from.routes;
  if (found.routes.empty())
    found.routes["upstream"] = "FROM /messages/* INTO $upstream";
  return found;
}

caf::expected<set_routes> compile(const hub_desired& wanted, const config& from,
                                  const node_profile& who) {
  auto specs = routing::parse_routes(wanted.routes, wanted.schema, who.device);
  if (!specs)
    return caf::make_error(ec::bad_argument, to_string(specs.error()));
  const auto table = std::make_shared<const routing::route_table>(
    std::move(*specs), wanted.time_to_live, who.device,
    read_on_full(from.store.on_full).value_or(on_full::reject));
  set_routes wish{table, table->sinks()};
  // A hub keeps one event log, whatever its routes say: nobody takes events
  // out of it, so that the oldest have to go when the quota is reached.
  if (who.is_hub())
    for (auto& sink : wish.sinks)
      if (sink.sink == routing::upstream_endpoint)
        sink = {sink.sink, default_priority, on_full::drop_oldest};
  return wish;
}

} // namespace

caf::expected<set_routes> routes_of_twin(const boost::json::object& desired,
                                         const config& from,
                                         const node_profile& who) {
  const auto found = twin::read_hub_desired(desired);
  if (!found)
    return found.error();
  return compile(*found, from, who);
}

caf::expected<set_routes>
initial_routes(const config& from, const node_profile& who,
               const std::optional<deployment::manifest>& manifest,
               const boost::json::object& applied) {
  if (!applied.empty())
    return routes_of_twin(applied, from, who);
  const auto of_file = of_config(from);
  if (!manifest || manifest->hub_desired.empty())
    return compile(of_file, from, who);
  const auto found = twin::read_hub_desired(
    manifest->hub_desired, hub_desired{{1, 1}, {}, from.store.time_to_live});
  if (!found)
    return found.error();
  return compile(*found, from, who);
}

} // namespace tidegate
