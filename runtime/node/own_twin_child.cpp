#include "runtime/node/own_twin_child.hpp"

#include "actors/log.hpp"
#include "actors/twins/own_twin.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/twin/edge_twin.hpp"
#include "messages/twin/hub_twin.hpp"
#include "runtime/node/route_source.hpp"
#include "storage/document_store.hpp"

#include <boost/json/value.hpp>
#include <caf/spawn_options.hpp>

namespace tidegate {

namespace {

constexpr auto collection = "configuration";
constexpr auto name = "edge_hub";

bool is_local(const core_parts& parts) {
  return parts.with.node.configuration == "local";
}

/// What the copy of the node's own twin wants, or nothing.
boost::json::object desired_of_own_twin(const core_parts& of) {
  auto document = of.storage.twins->get({of.who.device, "$edgeHub"});
  if (!document)
    return {};
  boost::json::object desired;
  if (of.who.is_authority()) {
    if (const auto known = twin::hub_twin_of(std::move(*document)))
      desired = known->desired.values;
  } else if (const auto known = twin::edge_twin_of(std::move(*document));
             known && known->cached) {
    desired = known->cached->desired;
  }
  desired.erase("$version");
  return desired;
}

} // namespace

caf::expected<boost::json::object> applied_configuration(const core_parts& of) {
  if (is_local(of))
    return boost::json::object{};
  const auto found = document_store{of.storage.database, collection}.get(name);
  if (!found && found.error() == ec::not_found)
    return boost::json::object{};
  if (found && found->is_object())
    return found->get_object();
  if (!found && found.error() != ec::store_damaged)
    return found.error();
  // The node's own twin says the same, and is read as soon as it runs.
  log::error(
    "twins",
    "the configuration that was applied last cannot be read; that of "
    "the node's own twin is applied",
    {{"reason", found ? "it is no object" : error_text(found.error())}});
  return desired_of_own_twin(of);
}

child_spec own_twin_child(const core_parts& parts,
                          std::shared_ptr<const node_core> core,
                          boost::json::object applied) {
  own_twin_context made;
  made.own = {parts.who.device, "$edgeHub"};
  made.twins = core->twins;
  made.router = core->router;
  made.clients = core->clients;
  made.version = TIDEGATE_VERSION;
  made.room_for_clients
    = static_cast<std::size_t>(parts.with.twins.clients_size);
  made.now = [] { return wall_clock(); };
  if (!is_local(parts))
    made.read = [with = parts.with,
                 who = parts.who](const boost::json::object& desired) {
      return routes_of_twin(desired, with, who);
    };
  made.keep = [store = document_store{parts.storage.database, collection}](
                const boost::json::object& desired) mutable {
    return store.put(name, desired);
  };
  made.applied = std::move(applied);
  // On a thread of its own, because it writes to disk; now and then only.
  return {"own-twin", [made](caf::event_based_actor* by) {
            return caf::actor_cast<caf::actor>(
              by->spawn<caf::detached>(own_twin, made));
          }};
}

} // namespace tidegate
