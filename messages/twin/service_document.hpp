#pragma once

#include "messages/identity.hpp"
#include "messages/twin/hub_twin.hpp"

namespace tidegate::twin {

/// The whole twin as the service API and operators see it: who it belongs to,
/// whether that client is connected, tags, and properties with metadata.
boost::json::object service_document(const identity& owner, bool connected,
                                     const hub_twin& twin);

} // namespace tidegate::twin
