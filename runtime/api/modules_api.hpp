#pragma once

#include "actors/modules/engine.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/router.hpp"

#include <memory>

namespace tidegate {

/// The operator's calls for modules: `/modules`, `/modules/{name}/restart`,
/// `/modules/{name}/logs?tail&follow`. The agent is asked for at `root`, the
/// root supervisor, because it may be another one after a restart.
void add_modules_api(http::router& to, caf::actor root, actor_bridge actors,
                     std::shared_ptr<engine> runs_them);

} // namespace tidegate
