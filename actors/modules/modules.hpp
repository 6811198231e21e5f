#pragma once

#include "actors/modules/deployment_plan.hpp"
#include "actors/modules/module.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tidegate {

/// A module as the agent sees it.
struct managed_module {
  deployment::module_spec spec;
  caf::actor actor;
  std::optional<deployment::registry_credential> credential;
  /// What it said last.
  module_changed news;
  bool leaving = false; ///< told to remove itself
  /// What takes its place when it is gone.
  std::optional<want_module> successor;
};

struct modules_state {
  static inline const char* name = "modules";
  /// An `apply_manifest` and who waits for it.
  struct order {
    apply_manifest wish;
    caf::typed_response_promise<manifest_applied> promise;
  };

  module_context context;
  std::map<std::string, managed_module> modules;
  std::map<caf::actor_id, std::string> by_actor;
  /// What the engine had when the gateway started and nobody has claimed yet.
  std::map<std::string, module_record> survivors;
  bool listed = false;
  std::unique_ptr<order> waiting, working;
  /// The version of the order before; nothing when it had none.
  std::optional<std::int64_t> last_version;
  /// What is left to do, removals and steps apart.
  std::deque<deployment_plan::group> stages;
  /// Modules of the present stage that have not settled.
  std::set<std::string> unsettled;
  /// Those that the present order did not wait for any longer.
  std::set<std::string> laggards;
  std::uint64_t stage = 0; ///< grows with each stage
  restart_history::time stage_began;
  bool stopping = false;
  restart_history::time up_since;

  ~modules_state();
};

/// The agent: makes the modules what a manifest wants, and keeps account of
/// them (design, section 7). Takes the messages of `module_messages.hpp`, and
/// `get_tree` and `check_health` of any child. `first`, if any, is applied at
/// once. An exit message stops all modules, at the same time, before the
/// actor ends: give it more than `stop_grace` to do so. A kill, or a crash,
/// leaves them running; the next agent adopts them.
caf::behavior modules(caf::stateful_actor<modules_state>* self,
                      module_context context,
                      std::shared_ptr<const deployment::manifest> first);

} // namespace tidegate
