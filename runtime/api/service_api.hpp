#pragma once

#include "actors/identity/identities.hpp"
#include "messages/method_messages.hpp"
#include "messages/twin_messages.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/api/service_gate.hpp"
#include "runtime/http/router.hpp"

namespace tidegate {

/// What the calls of services work on.
struct service_api_context {
  identities_actor identities;
  twin_service_actor twins;
  methods_actor methods;
  actor_bridge actors;
};

/// The REST calls of IoT Hub's service API, each for who has the right for it:
/// devices and modules, twins, direct methods, deployments. Errors are told as
/// the service SDKs read them.
void add_service_api(http::router& to, service_api_context context,
                     service_gate gate);

} // namespace tidegate
