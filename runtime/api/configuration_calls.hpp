#pragma once

#include "actors/identity/identities.hpp"
#include "messages/twin_messages.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/responder.hpp"

#include <string>

namespace tidegate {

/// What applying a deployment works on.
struct configuration_context {
  identities_actor identities;
  twin_service_actor twins;
  actor_bridge actors;
  /// How errors are told.
  error_teller tell;
};

/// Applies the deployment in `body` to the edge device `device`: makes the
/// identities of its modules that are not there yet, then sets their desired
/// properties, one after the other. Answers 204, or with what went wrong; what
/// was done by then stays, and applying it again completes it.
void apply_configuration(const configuration_context& with,
                         const std::string& device, const std::string& body,
                         const http::responder& answer);

} // namespace tidegate
