#pragma once

#include "actors/modules/log_query.hpp"
#include "runtime/engines/docker/engine_api.hpp"

#include <memory>
#include <string>

namespace tidegate::docker {

/// Reads a container's log into `sink`. On the thread of the engine.
boost::asio::awaitable<void> read_container_log(engine_api& api,
                                                std::string name,
                                                log_query query,
                                                std::shared_ptr<log_sink> sink);

} // namespace tidegate::docker
