#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/identity/ask_budget.hpp"
#include "actors/identity/authentication_mode.hpp"
#include "actors/identity/identity_questions.hpp"
#include "actors/identity/judge.hpp"
#include "actors/identity/policy_board.hpp"
#include "actors/identity/scope_changes.hpp"
#include "actors/identity/scope_source.hpp"
#include "actors/identity/token_checker.hpp"
#include "actors/identity/token_checks.hpp"
#include "actors/metrics.hpp"
#include "actors/uplink/uplink.hpp"
#include "storage/identity_store.hpp"
#include "storage/own_tokens.hpp"

#include <caf/actor_clock.hpp>
#include <caf/response_promise.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <chrono>
#include <memory>
#include <unordered_map>
#include <unordered_set>

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
  std::string if_match; ///< only when the stored etag is this; empty: any
};

/// At most `most` identities that come after the written id `after`.
struct list_identities {
  std::string after;
  std::size_t most = 0;
  /// If given: only those this edge device may act for, itself included.
  std::string behind;
  /// If given: only this device and its modules.
  std::string device;
  /// With `behind`: only what that edge device serves itself, not what stands
  /// behind other edge devices.
  bool directly = false;
};

/// Asks for the chain from a device up to this node, ids joined by `;`
/// (edge-hub spec 12.1). `ec::not_found` when it is not behind this node.
struct get_auth_chain {
  std::string device;
};

/// Has the parent asked about `id` once more, if there is a parent and it was
/// not asked a moment ago; answered when what is known here is as new as it
/// gets.
struct refresh_identity {
  identity_id id;
};

/// Answer to `refresh_identity`.
struct identity_refreshed {};

/// A gateway below waits for changes in its scope that are newer than
/// `revision`; answered with `scope_news` then, or after a minute without.
struct await_scope_news {
  std::string edge;
  std::string revision;
};

/// To itself: time to look whether the parent should be asked, or those who
/// wait have waited long enough.
struct scope_tick {
  std::uint64_t number = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::put_identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::delete_identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::list_identities)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_auth_chain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::refresh_identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::identity_refreshed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::await_scope_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::scope_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<tidegate::identity>)

namespace tidegate {

using identities_actor = caf::typed_actor<
  caf::replies_to<authenticate>::with<authenticated>,
  caf::replies_to<put_identity>::with<identity>,
  caf::replies_to<get_identity>::with<identity>,
  caf::replies_to<delete_identity>::with<identity>,
  caf::replies_to<list_identities>::with<std::vector<identity>>,
  caf::replies_to<get_auth_chain>::with<std::string>,
  caf::replies_to<refresh_identity>::with<identity_refreshed>,
  caf::replies_to<await_scope_news>::with<scope_news>,
  caf::reacts_to<scope_answer>, caf::reacts_to<whole_scope>,
  caf::reacts_to<scope_news>, caf::reacts_to<uplink_changed>,
  caf::reacts_to<scope_tick>, caf::reacts_to<token_verdict>,
  caf::reacts_to<own_token_refused>>;

struct identities_context {
  std::shared_ptr<identity_store> store;
  client_registry_actor clients;
  /// Told of identities that are removed; may be null.
  caf::actor twins;
  std::shared_ptr<metrics> meters;
  /// Names this node is known by in tokens.
  std::vector<std::string> hosts;
  /// The certificates that clients' chains must end in, PEM; asked for when
  /// one is judged.
  std::function<std::string()> trust_bundle = [] { return std::string{}; };
  /// Shared access policies, at a hub; null elsewhere.
  std::shared_ptr<const policy_board> policies;
  /// Null at a hub, which is its own authority.
  std::shared_ptr<scope_source> scope;
  /// Who checks tokens. In all modes but `scope` the parent checks clients'
  /// own tokens through `checker`, and what it took is kept in `tokens`.
  authentication_mode mode = authentication_mode::scope;
  std::shared_ptr<token_checker> checker;
  std::shared_ptr<own_tokens> tokens;
  /// Clients' sessions are told by what their clients were let in.
  bool tells_method = false;
  /// The module that may pass on certificates of clients; no device: nobody.
  identity_id proxy;
  /// The edge device that this node is.
  std::string device;
  std::function<sas_time()> now;
  /// The parent is asked about one identity so many times at once, so that
  /// what was changed there is learnt at once, and then once per gap.
  unsigned scope_burst = 4;
  std::chrono::seconds scope_gap{10};
  /// The whole scope is read at least this often (edge-hub spec 3.7).
  std::chrono::seconds refresh_period{3600};
};

/// How a gateway keeps up with its parent.
struct scope_following {
  using time_point = caf::actor_clock::time_point;

  std::string revision;  ///< what is known here, in the parent's words
  bool awaiting = false; ///< news are being waited for
  bool reading = false;  ///< the whole scope is being read
  bool outdated = false; ///< what is being read: read once more afterwards
  bool tells_changes = true;
  time_point ask_at{};          ///< for news
  time_point read_at{};         ///< the whole scope
  std::chrono::seconds pause{}; ///< after the next failure
  /// Learnt since the reading began: what it says may be older.
  std::unordered_set<identity_id> learnt;
  std::uint64_t tick = 0;
};

struct identities_state {
  static inline const char* name = "identities";

  struct waiting_client {
    authenticate wish;
    caf::typed_response_promise<authenticated> promise;
  };
  struct waiting_gateway {
    await_scope_news wish;
    caf::typed_response_promise<scope_news> promise;
    caf::actor_clock::time_point until{};
  };

  identities_state();
  ~identities_state();

  /// The identity as it is known here; one that cannot be read is not.
  std::optional<identity> find(const identity_id& id) const;
  identity_lookup lookup() const;
  /// There is, or may have been, a record of it, or of its device, that cannot
  /// be read: nobody may say that it does not exist.
  bool is_damaged(const identity_id& id) const;

  identities_context context;
  /// How often the parent may still be asked about an identity.
  std::unordered_map<identity_id, ask_budget<sas_time>> asked;
  /// Those that the parent is asked, or will be.
  identity_questions questions;
  /// Clients that wait for the parent's word on an identity.
  std::unordered_map<identity_id, std::vector<waiting_client>> waiting;
  /// Others that do.
  std::unordered_map<
    identity_id, std::vector<caf::typed_response_promise<identity_refreshed>>>
    refreshing;
  /// Clients that wait for the parent's word on their tokens.
  token_checks<waiting_client> checks;
  bool parent_reachable = false;
  scope_following following;
  scope_changes changes; ///< made here or learnt
  /// Gateways below that wait for changes, one each.
  std::unordered_map<std::string, waiting_gateway> below;
};

/// Who may connect (design section 5). Decides from the identities stored
/// here; at a gateway one that is unknown, or whose credentials do not fit, is
/// asked for at the parent first, and the whole scope is followed (edge-hub
/// spec 3.7). Removing or disabling an identity ends its connection; any other
/// change has its clients verified again.
identities_actor::behavior_type
identities(identities_actor::stateful_pointer<identities_state> self,
           identities_context context);

} // namespace tidegate
