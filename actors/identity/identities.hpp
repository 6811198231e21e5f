#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/identity/ask_budget.hpp"
#include "actors/identity/judge.hpp"
#include "actors/metrics.hpp"
#include "storage/identity_store.hpp"

#include <caf/response_promise.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <chrono>
#include <memory>
#include <unordered_map>

namespace tidegate {

/// Creates an identity (`must_exist` false) or replaces one. Missing keys are
/// made, the store sets generation and etag. A new edge device gets its
/// `$edgeAgent` and `$edgeHub` modules.
struct put_identity {
  identity value;
  bool must_exist = false;
  /// With `must_exist`: only when the stored etag is this; empty: any.
  std::string if_match;
};

struct get_identity {
  identity_id id;
};

struct delete_identity {
  identity_id id;
};

/// At most `most` identities that come after the written id `after`.
struct list_identities {
  std::string after;
  std::size_t most = 0;
  /// If given: only those this edge device may act for, itself included.
  std::string behind;
  /// If given: only this device and its modules.
  std::string device;
};

/// What the parent knows of identities that were asked for: those it has, and
/// an error when it could not be asked.
struct scope_answer {
  std::vector<identity> found;
  /// The ids that were asked for and that the parent says do not exist.
  std::vector<identity_id> missing;
  caf::error error;
};

/// The node's parent as a source of identities (edge-hub spec 3.7). Declared
/// here, implemented in `runtime/` over the parent's REST calls.
class scope_source {
public:
  virtual ~scope_source() = default;

  /// Asks for `id` (for a module also its device). Returns at once; `who`
  /// gets a `scope_answer`.
  virtual void fetch(const identity_id& id, caf::actor who) = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::put_identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::delete_identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::list_identities)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::scope_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::identity>)

namespace tidegate {

using identities_actor = caf::typed_actor<
  caf::replies_to<authenticate>::with<authenticated>,
  caf::replies_to<put_identity>::with<identity>,
  caf::replies_to<get_identity>::with<identity>,
  caf::replies_to<delete_identity>::with<identity>,
  caf::replies_to<list_identities>::with<std::vector<identity>>,
  caf::reacts_to<scope_answer>>;

struct identities_context {
  std::shared_ptr<identity_store> store;
  client_registry_actor clients;
  /// Told of identities that are removed; may be null.
  caf::actor twins;
  std::shared_ptr<metrics> meters;
  /// Names this node is known by in tokens.
  std::vector<std::string> hosts;
  /// Null at a hub, which is its own authority.
  std::shared_ptr<scope_source> scope;
  std::function<sas_time()> now;
  /// The parent is asked about one identity so many times at once, so that
  /// what was changed there is learnt at once, and then once per gap.
  unsigned scope_burst = 4;
  std::chrono::seconds scope_gap{10};
};

struct identities_state {
  static inline const char* name = "identities";

  struct waiting_client {
    authenticate wish;
    caf::typed_response_promise<authenticated> promise;
  };

  identities_context context;
  /// How often the parent may still be asked about an identity.
  std::unordered_map<identity_id, ask_budget<sas_time>> asked;
  /// Clients that wait for the parent's word on an identity.
  std::unordered_map<identity_id, std::vector<waiting_client>> waiting;
};

/// Who may connect (design section 5). Decides from the identities stored
/// here; at a gateway one that is unknown, or whose token does not fit, is
/// asked for at the parent first. Removing or disabling an identity ends its
/// connection.
identities_actor::behavior_type
identities(identities_actor::stateful_pointer<identities_state> self,
           identities_context context);

} // namespace tidegate
