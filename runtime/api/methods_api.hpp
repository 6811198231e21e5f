#pragma once

#include "actors/identity/identity_messages.hpp"
#include "messages/method_messages.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/router.hpp"

#include <string>

namespace tidegate {

/// Longer than any method call, which may wait 300 s for its target and 300 s
/// for the answer (edge-hub spec 8): how long an HTTP server waits for it.
inline constexpr std::chrono::seconds longest_method_answer{620};

/// What the calls of methods work on.
struct methods_api_context {
  methods_actor methods;
  authenticator_actor authenticator;
  actor_bridge actors;
  /// The edge device whose modules may call.
  std::string device;
};

/// A call as it came over HTTP.
struct http_method_call {
  std::string body;
  identity_id target;
  method_caller from;
};

/// Reads the call, makes it and answers with what the client answered.
/// `failed` answers otherwise. The call ends when whoever asked closes its
/// connection.
void call_method(const methods_actor& methods, const actor_bridge& actors,
                 const http_method_call& call, const http::responder& answer,
                 std::function<void(const caf::error&)> failed);

/// The calls that modules of this edge device make over HTTPS, each with its
/// own credential (edge-hub spec 8): `POST /twins/{device}/methods` and
/// `POST /twins/{device}/modules/{module}/methods`. They reach clients that
/// are connected here.
void add_methods_api(http::router& to, methods_api_context context);

/// The same for the operator, without a credential, on the management socket:
/// `POST /methods/{device}[/{module}]`.
void add_operator_methods_api(http::router& to, methods_api_context context);

} // namespace tidegate
