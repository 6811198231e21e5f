#pragma once

#include "runtime/engines/docker/engine_api.hpp"

#include <string>
#include <vector>

namespace tidegate::docker {

/// Runs a command in a container. Empty text when it ends with 0 in time,
/// else why that did not happen. One that takes longer goes on there.
boost::asio::awaitable<std::string>
probe_container(engine_api& api, std::string name,
                std::vector<std::string> command,
                std::chrono::milliseconds timeout);

} // namespace tidegate::docker
