#pragma once

#include "messages/deployment/environment.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <string>

namespace tidegate {

/// Answer to `module_host::prepare`. An empty `problem` means that the module
/// can be started in `surroundings`.
struct module_prepared {
  std::string name;
  deployment::module_surroundings surroundings;
  std::string problem;
};

/// What a module needs from the gateway before it can run: an identity with a
/// key, and a workload socket that listens. Calls return at once. Safe from
/// any thread.
class module_host {
public:
  virtual ~module_host() = default;

  /// Makes the module's identity and its workload socket ready. `asker` gets
  /// `module_prepared`; after a problem it asks again later.
  virtual void prepare(const deployment::module_spec& spec, caf::actor asker)
    = 0;

  /// The module is removed: closes its socket, and drops its identity if it
  /// was made for it.
  virtual void release(const std::string& name) = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::module_prepared)
