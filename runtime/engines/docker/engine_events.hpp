#pragma once

#include "runtime/engines/docker/engine_api.hpp"

#include <functional>
#include <string>

namespace tidegate::docker {

/// Who hears of what happens at the engine.
struct event_listener {
  /// Events come from now on; before, any may have been missed.
  std::function<void()> begun;
  /// Something happened to the container of this name: it started, ended, was
  /// removed, or its health changed.
  std::function<void(const std::string& name)> happened;
};

/// Follows the events of the containers that gateways own, for ever, over
/// every restart of the engine. On the thread of the engine.
boost::asio::awaitable<void> follow_events(engine_api& api,
                                           event_listener listener);

} // namespace tidegate::docker
