#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/methods/pending_calls.hpp"
#include "actors/metrics.hpp"
#include "messages/routing/guid_source.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <functional>
#include <memory>

namespace tidegate {

/// To itself: a call's time may have come.
struct calls_due {
  std::uint64_t number = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::calls_due)

namespace tidegate {

using methods_behavior = methods_actor::extend<caf::reacts_to<clients_changed>,
                                               caf::reacts_to<calls_due>>;

struct methods_context {
  client_registry_actor clients;
  std::shared_ptr<metrics> meters;
  /// A gateway's own module, which has methods too; empty at a hub.
  identity_id own_module;
  /// Asks the parent about an identity again.
  std::function<void(const identity_id&)> refresh;
  /// What rids are made from; a random number.
  std::uint64_t seed = 0;
  method_limits limits;
  /// Modules of this edge device that may call the agent's methods and the
  /// hub's; see `may_call`.
  std::vector<std::string> agent_callers;
};

struct methods_state {
  static inline const char* name = "methods";

  ~methods_state();

  /// A call that somebody waits for.
  struct waiting_caller {
    invoke_method wish;
    caf::typed_response_promise<method_outcome> promise;
    pending_calls::time delivered{};
  };

  methods_context context;
  pending_calls calls{method_limits{}};
  std::unordered_map<std::string, waiting_caller> callers;  ///< by rid
  std::unordered_map<call_ticket_ptr, std::string> tickets; ///< rids
  std::unordered_map<identity_id, caf::actor> sessions;
  routing::guid_source rids{0};
  /// The timer that counts, and when it ends.
  std::uint64_t timer = 0;
  std::optional<pending_calls::time> armed;
};

/// Carries calls of methods to connected clients and their answers back, and
/// gives every caller an answer: the client's, or why there is none. A client
/// that disconnects while it runs a call ends it with `ec::timed_out`: nobody
/// knows how far it got. One whose caller leaves ends too. Past a limit a call
/// is `ec::unavailable`.
methods_behavior::behavior_type
methods(methods_behavior::stateful_pointer<methods_state> self,
        methods_context context);

} // namespace tidegate
