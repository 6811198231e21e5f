#pragma once

#include "actors/clients/ingress.hpp"
#include "messages/bytes.hpp"
#include "messages/identity_id.hpp"

#include <cstdint>
#include <functional>
#include <unordered_map>

namespace tidegate {

/// Routes the change of reported properties as a message (edge-hub spec 7.6).
/// Used inside one actor, which passes its `append_done`s on.
class change_notices {
public:
  using told = std::function<void(const caf::error&)>;

  /// `context` needs the store, the routes, the metrics, the clock and the
  /// device; `self` receives `append_done`.
  change_notices(session_context context, caf::actor self);

  /// Calls `then`, perhaps at once, when the message is as safe as any, or
  /// cannot be.
  void route(const identity_id& by, bytes patch, told then);
  void done(const append_done& answer);

private:
  void tell();
  head_ptr head_for(const identity_id& by) const;

  session_context_ptr context_;
  ingress ingress_;
  std::unordered_map<ingress::ticket, told> waiting_;
  ingress::ticket next_ = 1;
};

} // namespace tidegate
