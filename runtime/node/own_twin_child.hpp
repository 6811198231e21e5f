#pragma once

#include "runtime/node/core.hpp"

#include <boost/json/object.hpp>

namespace tidegate {

/// The desired properties that the node's own twin had it apply last; empty if
/// there are none, or the configuration is to be local.
caf::expected<boost::json::object> applied_configuration(const core_parts& of);

/// The child of the root that lives by the node's own twin. `applied` are the
/// desired properties that the routes in force come from.
child_spec own_twin_child(const core_parts& parts,
                          std::shared_ptr<const node_core> core,
                          boost::json::object applied);

} // namespace tidegate
