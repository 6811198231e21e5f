#pragma once

#include "actors/modules/module_status.hpp"
#include "messages/deployment/manifest.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <memory>
#include <string>
#include <vector>

namespace tidegate {

/// To the agent: make what runs equal to this. Answered with
/// `manifest_applied` once every module has been told; a newer one that comes
/// meanwhile is worked on next, and those in between are skipped.
struct apply_manifest {
  std::shared_ptr<const deployment::manifest> manifest;
};

struct manifest_applied {};

/// To the agent; answered with all modules, by name.
struct get_modules {};

/// To the agent: stop a module and start it again, uncounted. Answered with
/// its `module_status` as it was, `ec::not_found`, or `ec::refused` when its
/// deployment wants it stopped.
struct restart_module {
  std::string name;
};

/// To a module: run, or do not.
struct want_module {
  bool running = true;
};

/// To a module, from an operator.
struct restart_now {};

/// To a module: stop, remove every trace, and end.
struct remove_module {};

/// From a module to its agent, whenever its status changes. `settled` says
/// that it has done what it was told, as far as it can: it runs, or waits to
/// be started again, or stays down.
struct module_changed {
  module_status status;
  bool settled = false;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::apply_manifest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::manifest_applied)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_modules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::restart_module)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::want_module)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::restart_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::remove_module)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::module_status>)
