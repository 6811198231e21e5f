#pragma once

#include "messages/identity_id.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tidegate {

/// Who calls a method.
struct method_caller {
  enum class kind : std::uint8_t {
    module,   ///< of this edge device, by its own credential
    parent,   ///< whoever the parent lets call: the cloud
    service,  ///< of a hub, by a policy with the right ServiceConnect
    operator_ ///< at the management socket
  };

  kind is = kind::module;
  identity_id module; ///< of kind `module`

  auto operator<=>(const method_caller&) const = default;
};

/// `edge-1/filter`, `upstream`, `service` or `operator`: how metrics and logs
/// name a caller.
std::string to_string(const method_caller& caller);

/// Whether `caller` may call methods of `target`. Those of `$edgeAgent` and
/// `$edgeHub`, of whatever device, read logs, restart modules and send files
/// away: of modules only `agent_callers`, names of modules of this edge device,
/// may call them.
bool may_call(const method_caller& caller, const identity_id& target,
              const std::vector<std::string>& agent_callers);

/// Names one call for as long as its caller holds it. `left` is set, from any
/// thread, before `abandon_call` is sent: a call that comes later never starts.
struct call_ticket {
  std::atomic<bool> left = false;
};

using call_ticket_ptr = std::shared_ptr<call_ticket>;

} // namespace tidegate
