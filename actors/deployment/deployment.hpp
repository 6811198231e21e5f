#pragma once

#include "actors/deployment/agent_report.hpp"
#include "actors/deployment/availability.hpp"
#include "actors/deployment/deployment_board.hpp"
#include "actors/deployment/deployment_messages.hpp"
#include "actors/metrics.hpp"
#include "actors/routing/router.hpp"
#include "messages/twin_messages.hpp"
#include "storage/availability_checkpoint.hpp"
#include "storage/deployment_backup.hpp"

#include <caf/stateful_actor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tidegate {

/// A manifest in a file of the node's own, where that is the source of
/// deployments.
struct local_manifest {
  std::function<caf::expected<std::string>()> read;
  std::function<caf::error(const std::string&)> replace;
  /// The routes that a manifest brings; `router` is told of them.
  std::function<caf::expected<set_routes>(const deployment::manifest&)> routes;
  router_actor router;
};

struct deployment_context {
  identity_id own; ///< the node's `$edgeAgent` module
  twins_actor twins;
  /// The supervisor that knows the child `modules`.
  caf::actor_addr supervisor;
  std::shared_ptr<deployment_board> board;
  std::shared_ptr<deployment_backup> backup;
  std::shared_ptr<const availability_checkpoint> checkpoint;
  deployment::manifest_rules rules;
  /// Nothing: deployments are desired properties of `own`.
  std::optional<local_manifest> local;
  std::string version; ///< of the program
  platform_facts platform;
  std::function<wall_time()> now;
  std::shared_ptr<metrics> meters;
  /// The twin is read this often in any case (edge-agent spec 10.5).
  std::chrono::milliseconds refresh{std::chrono::hours{1}};
  /// How often it is looked how modules are (edge-agent spec 3.1). What
  /// changes in between is reported together.
  std::chrono::milliseconds period{5'000};
  /// How long a farewell may take from the twins actor to the parent.
  std::chrono::milliseconds farewell{0};
};

struct deployment_state {
  static inline const char* name = "deployment";

  deployment_context context;
  wall_milliseconds started = 0;
  availability lived;
  std::optional<availability::time> checkpoint_at; ///< the next one is due
  deployment_status status;
  /// The desired properties that were judged last, and their version.
  boost::json::object judged;
  std::int64_t judged_version = -1;

  std::int64_t revision = 0; ///< grows with every deployment
  std::int64_t timed = -1;   ///< the last whose time was measured
  std::uint64_t order = 0;   ///< grows with every order to the modules
  bool ordering = false;     ///< one is under way
  bool unfinished = false;   ///< what came of the last one is not known, or old
  std::vector<std::string> seen; ///< how the modules were last

  /// What the twin is known to hold; nothing until it has been read.
  std::optional<boost::json::object> reported;
  boost::json::object report; ///< the last that was made
  bool reporting = false;
  bool report_again = false;
  bool leaving = false;
};

/// Has the modules run that the desired properties of the node's `$edgeAgent`
/// want, or a manifest of its own, and reports what came of it (edge-agent spec
/// 1, 2 and 10). What is wrong is reported with its code and changes nothing:
/// the last good deployment stays in force, is kept sealed, and is what a node
/// starts with. Reports go through the twins actor, which keeps them while the
/// parent is away. Writes to disk, so it has a thread of its own (spawn
/// detached).
caf::behavior deployment_actor(caf::stateful_actor<deployment_state>* self,
                               deployment_context context);

} // namespace tidegate
