#pragma once

#include "runtime/http/responder.hpp"

#include <caf/expected.hpp>
#include <functional>
#include <string>
#include <sys/types.h>

namespace tidegate {

/// What the workload calls of one module rest on. All of it is called on the
/// loop's thread and must return at once.
struct workload_context {
  /// The module's name, in paths and for its identity.
  std::string module;
  /// HMAC-SHA256 of `data` with the module's key; 32 bytes.
  std::function<caf::expected<std::string>(std::string_view data)> sign;
  /// The certificates that modules trust, PEM; empty when there are none.
  std::function<std::string()> trust_bundle;
  /// Whether a process belongs to the module.
  std::function<bool(pid_t)> is_own_process;
};

/// The workload API of one module, for its own socket (edge-agent spec 6 and
/// 6.2): `sign` and `trust-bundle`. Whoever is not a process of the module
/// gets 403 for what needs its identity.
http::handler workload_api(workload_context context);

} // namespace tidegate
