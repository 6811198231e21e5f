#pragma once

#include "actors/modules/machine.hpp"

#include <boost/json/value.hpp>
#include <string>

namespace tidegate::docker {

/// Reads the answer to `GET /containers/{name}/stats` (edge-agent spec 9). A
/// limit of at least `machine_memory` bytes is none of its own.
module_usage read_container_usage(const std::string& name,
                                  const boost::json::value& from,
                                  std::uint64_t machine_memory);

} // namespace tidegate::docker
