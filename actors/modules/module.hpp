#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/metrics.hpp"
#include "actors/modules/command_meter.hpp"
#include "actors/modules/engine.hpp"
#include "actors/modules/module_host.hpp"
#include "actors/modules/module_memo.hpp"
#include "actors/modules/module_messages.hpp"
#include "actors/modules/retry_gate.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <functional>
#include <memory>
#include <optional>

namespace tidegate {

/// What every module of a gateway shares.
struct module_context {
  std::shared_ptr<tidegate::engine> engine;
  std::shared_ptr<module_host> host;
  /// Knows whether a module's client session is alive.
  client_registry_actor clients;
  /// The edge device this gateway is.
  std::string device;
  backoff wait;
  /// Give a module up after so many restarts; nothing: never.
  std::optional<unsigned> most_attempts;
  std::chrono::milliseconds stop_grace{10'000};
  /// How long a changed module has to become healthy before the last good
  /// one takes its place again. Nothing: it is not rolled back, unless its
  /// own label says so.
  std::optional<std::chrono::milliseconds> rollback_grace;
  /// Of the manifest, for specifications that were kept.
  deployment::manifest_rules rules;
  /// The time of day, milliseconds since 1970; tests bring their own.
  std::function<wall_milliseconds()> now;
  std::shared_ptr<metrics> meters; ///< may be null
};

struct module_state {
  static inline const char* name = "module";

  /// Where it stands with the engine.
  enum class phase {
    absent, ///< the engine has nothing of its name
    adopting,
    creating,
    down,
    starting,
    up,
    stopping,
    waiting, ///< to be started again
    removing,
  };
  /// What to do once it has stopped.
  enum class next { stay_down, start, judge_unhealthy, replace, quit, remove };

  /// What is being made ready to take the place of what is there, which goes
  /// on meanwhile.
  struct successor {
    enum class stage { identity, fetching, held, ready };

    module_launch launch;
    stage at = stage::identity;
    bool way_back = false; ///< it is the last good one
  };

  module_context context;
  command_meter meter;
  restart_policy policy; ///< of `launch`
  module_launch launch;  ///< what is there, or is being created
  std::optional<successor> coming;
  caf::actor_addr agent;
  phase now = phase::absent;
  next then = next::stay_down;
  module_status status;
  /// The wish to run, or not, that was acted upon last.
  bool obeyed = true;
  restart_history history;
  exit_cause last_cause;
  /// An earlier gateway left it down, and it cannot be judged yet.
  bool found_down = false;
  bool dead = false; ///< must be removed before anything else
  retry_gate retries;
  std::uint64_t retry = 0; ///< grows with each hold: earlier timers are void
  std::string problem;     ///< why it is not what is wanted
  /// The last one before `launch` that worked.
  std::optional<deployment::module_spec> good;
  /// `launch` has taken the place of this.
  std::optional<module_memo::rejection> rejected;
  std::uint64_t trial = 0; ///< grows with each: earlier timers are void
  /// What its health check said last in this life.
  std::optional<bool> healthy;
  unsigned misses = 0;
  std::string sickness; ///< what the health probe said last
  /// Grows with each start: timers of an earlier life are void.
  std::uint64_t life = 0;
  std::uint64_t probed_life = 0; ///< the one that is being examined
};

/// Keeps one module as its deployment wants it: fetches, creates or adopts,
/// starts, probes, and starts again as the restart policy says. A changed
/// wish is made ready while the old module runs, which goes on when that
/// fails; one that then does not become healthy makes place for the last good
/// one again. `found` is what the engine has of that name. Tells `agent` of
/// every change. An exit message stops the module, then ends the actor; a kill
/// ends the actor alone and leaves the module running, to be adopted by the
/// next one.
caf::behavior module_actor(caf::stateful_actor<module_state>* self,
                           module_context context, want_module wanted,
                           std::optional<module_record> found,
                           caf::actor agent);

} // namespace tidegate
