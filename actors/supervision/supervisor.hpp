#pragma once

#include "actors/metrics.hpp"
#include "actors/supervision/supervisor_messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace tidegate {

/// A child as its supervisor sees it.
struct supervised_child {
  enum class condition { running, unhealthy, waiting, stopping, down, failed };

  child_spec spec;
  condition now = condition::down;
  caf::actor handle;
  restart_history history;
  exit_cause last_cause;
  bool ended_before = false;
  /// Added while running; forgotten once it is down for good.
  bool dynamic = false;
  /// An operator asked for a restart; start again however it ends.
  bool restart_wanted = false;
  unsigned misses = 0;
  /// Grows with each start, so that late timers are recognised.
  std::uint64_t incarnation = 0;
};

/// An actor that is only watched, see `watch_child`.
struct watched_child {
  std::string name;
  caf::actor handle;
  restart_history::time since;
};

struct supervisor_options {
  /// In the tree and the log: `root`, `clients`, ...
  std::string name;
  /// Counts `tidegate_actor_restarts_total`; may be null.
  std::shared_ptr<metrics> meters;
};

struct supervisor_state {
  static inline const char* name = "supervisor";
  supervisor_options options;
  /// By a number that grows, hence in the order they were started.
  std::map<std::uint64_t, supervised_child> children;
  std::map<caf::actor_id, std::uint64_t> by_actor;
  std::unordered_map<caf::actor_id, watched_child> watched;
  std::uint64_t last_id = 0;
  restart_history::time up_since;
  bool stopping = false;
  caf::error stop_reason;

  /// Runs on every end, kill included: monitored children would live on.
  ~supervisor_state();
};

/// Starts `children` in order, keeps them up as their policies say, and stops
/// them in reverse order before it ends itself (design, section 3). When a
/// policy escalates, it stops everything and ends with an error, so that its
/// own supervisor decides. A child that is stuck is replaced: a kill waits
/// behind a running handler, so the old one is left to die by itself.
/// Takes the messages of `supervisor_messages.hpp`; answers `get_tree` and
/// `check_health` like any child.
caf::behavior supervisor(caf::stateful_actor<supervisor_state>* self,
                         supervisor_options options,
                         std::vector<child_spec> children);

/// Messages that wait in `actor`'s mailbox; called by the actor itself.
std::size_t mailbox_size(caf::scheduled_actor& actor);

} // namespace tidegate
