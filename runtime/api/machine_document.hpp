#pragma once

#include "runtime/host/machine.hpp"

#include <boost/json/object.hpp>

namespace tidegate {

/// What IoT Edge's daemon says of its machine (edge-agent spec 6.1,
/// `SystemInfo`).
boost::json::object machine_document(const machine_facts& of);

/// What the machine does, and the gateway on it for `uptime` (`SystemResources`
/// there); `busy` is in percent.
boost::json::object machine_usage_document(const machine_usage& of, double busy,
                                           const std::vector<disk_usage>& disks,
                                           std::chrono::seconds uptime);

} // namespace tidegate
