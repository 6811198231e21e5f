#pragma once

#include "actors/modules/module_status.hpp"
#include "messages/deployment/manifest.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// To the agent: make what runs equal to this. Answered with
/// `manifest_applied` once every module has been told and has done what it
/// could; a newer one that comes meanwhile is worked on next, and those in
/// between are skipped.
struct apply_manifest {
  std::shared_ptr<const deployment::manifest> manifest;
  /// The deployment's version. What failed is tried again at once when this
  /// is another one than before, or none is given.
  std::optional<std::int64_t> version;
};

/// How an `apply_manifest` went.
struct manifest_applied {
  /// A sentence for each module that is not as wanted, with its name. None:
  /// all is well.
  std::vector<std::string> problems;
  /// Something has failed before and was not tried now, as it is too soon.
  bool waiting = false;
};

/// To the agent; answered with all modules, by name.
struct get_modules {};

/// To the agent: stop a module and start it again, uncounted. Answered with
/// its `module_status` as it was, `ec::not_found`, or `ec::refused` when its
/// deployment wants it stopped.
struct restart_module {
  std::string name;
};

/// To the agent, from an operator, answered as `restart_module` is: start a
/// module that is down, at once; or stop one until it is started again, its
/// deployment changes, or the gateway is started again.
struct start_module {
  std::string name;
};
struct stop_module {
  std::string name;
};

/// To a module: this is what its deployment wants.
struct want_module {
  deployment::module_spec spec;
  /// For the place its image comes from.
  std::optional<deployment::registry_credential> credential;
  /// It is another deployment's wish than before: what failed is tried again
  /// at once.
  bool fresh = true;
};

/// To a module, from an operator.
struct restart_now {};
struct start_now {};
struct stop_now {};

/// To a module: stop, remove every trace, and end.
struct remove_module {};

/// From a module to its agent, whenever its status changes.
struct module_changed {
  module_status status;
  /// It has done what it was told, as far as it can: it runs, or waits to be
  /// started again, or stays down.
  bool settled = false;
  /// It is fetching what it needs, which takes as long as networks do.
  bool busy = false;
  /// Why it is not what its deployment wants; empty when it is, or may still
  /// become so.
  std::string problem;
  /// What failed earlier is not due to be tried again.
  bool waiting = false;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::apply_manifest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::manifest_applied)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_modules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::restart_module)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::start_module)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::stop_module)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::want_module)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::restart_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::start_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::stop_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::remove_module)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::module_status>)
