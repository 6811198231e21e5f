#pragma once

#include "actors/modules/machine.hpp"

#include <boost/json/object.hpp>

namespace tidegate {

/// What IoT Edge's daemon says of its machine (edge-agent spec 6.1,
/// `SystemInfo`).
boost::json::object machine_document(const machine_facts& of);

/// What the machine does, and has done since it was started, and for how long
/// the gateway has run (`SystemResources` there).
boost::json::object machine_usage_document(const machine_usage& of,
                                           std::chrono::seconds uptime);

} // namespace tidegate
