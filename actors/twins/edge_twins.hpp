#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/twins/change_notices.hpp"
#include "actors/twins/twin_group.hpp"
#include "actors/twins/twin_meters.hpp"
#include "messages/twin/edge_twin.hpp"
#include "messages/twin_messages.hpp"
#include "messages/upstream_messages.hpp"

#include <caf/actor_clock.hpp>
#include <caf/response_promise.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace tidegate {

/// To itself: reported properties of `id` may be sent to the parent again.
struct push_due {
  identity_id id;
};

/// To itself: what was asked about `id` on a connection that ended has waited
/// long enough for the next one.
struct fetch_due {
  identity_id id;
};

/// To itself: twins that were not read since the parent is back are old enough
/// to be read now.
struct resync_due {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::push_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::fetch_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::resync_due)

namespace tidegate {

/// The twins of a gateway.
using edge_twins_actor = twins_actor::extend<
  caf::reacts_to<upstream_ready>, caf::reacts_to<upstream_desired>,
  caf::reacts_to<desired_missed>, caf::reacts_to<clients_changed>,
  caf::reacts_to<forget_twin>, caf::reacts_to<append_done>,
  caf::reacts_to<commit_twins>, caf::reacts_to<push_due>,
  caf::reacts_to<fetch_due>, caf::reacts_to<resync_due>>;

struct edge_twins_options {
  /// Reported properties of one client go up at most this often (edge-hub spec
  /// 7.3, `ReportedPropertiesSyncFrequencySecs`).
  std::chrono::milliseconds report_period{5000};
  /// A twin read this recently is not read again when the parent is back,
  /// unless its client follows it (edge-hub spec 7.5,
  /// `MinTwinSyncPeriodSecs`).
  std::chrono::milliseconds sync_period{120'000};
  /// How long the parent may take to answer (edge-hub spec 6.2).
  std::chrono::milliseconds answer_timeout{20'000};
  /// After a failure, when the parent is still there.
  std::chrono::milliseconds retry_period{30'000};
  /// What catching up asks of the parent at the same time; the rest waits, so
  /// that others are served in between.
  std::size_t window = 20;
};

struct edge_twins_context {
  std::shared_ptr<twin_store> store;
  /// Store, routes, clients, metrics, clock and device of the node.
  session_context node;
  edge_twins_options options;
};

struct edge_twins_state {
  static inline const char* name = "edge_twins";

  using time_point = caf::actor_clock::time_point;

  /// The whole twin has been asked for.
  struct fetching {
    bool tell_client = false; ///< the client is to be told what differs
    std::int64_t newest = 0; ///< desired version that the parent spoke of since
    time_point until{};      ///< the time for it is over
    bool once_more = false;  ///< it is to be asked on the next connection
    bool repeated = false;
    std::vector<std::function<void(const caf::error&)>> waiting;
  };
  /// What is under way for one client.
  struct flow {
    std::optional<fetching> fetch;
    /// Reported since the push that is under way began.
    std::optional<twin::pending_patch> since_push;
    bool push_waits = false; ///< for `push_due`, or its turn
    std::optional<time_point> pushed_at;
    std::uint64_t synced_by = 0; ///< the connection that read the twin last
  };
  enum class task { follow, push, resync };
  struct job {
    task what;
    identity_id id;
  };

  edge_twins_context context;
  std::optional<twin_group<twin::edge_twin>> group;
  std::optional<change_notices> notices;
  std::optional<twin_meters> meters;
  /// Who is connected; the node itself too, once it follows its own twin.
  std::unordered_map<identity_id, client_presence> clients;
  std::unordered_map<identity_id, flow> flows;
  /// Whose changes the parent does not have.
  std::unordered_set<identity_id> owing;
  bool owing_known = false;     ///< what the store says of that has been read
  upstream_actor upstream;      ///< null while the parent is out of reach
  std::uint64_t connection = 0; ///< counts how often it came and went
  bool catching_up = false;     ///< and the parent waits to hear of its end
  std::deque<job> jobs;
  std::size_t running = 0;
  std::optional<time_point> resync_at; ///< when `resync_due` counts
};

/// Keeps what the gateway knows of the twins of its clients, and brings them
/// and the parent together (edge-hub spec 6.4 and 7). Answers whether the
/// parent is there or not. When it is back: what clients follow, then what they
/// have reported, then what they are to be told, a few at a time. Writes to
/// disk, so it has a thread of its own (spawn detached).
edge_twins_actor::behavior_type
edge_twins(edge_twins_actor::stateful_pointer<edge_twins_state> self,
           edge_twins_context context);

} // namespace tidegate
