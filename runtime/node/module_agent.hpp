#pragma once

#include "actors/deployment/deployment_board.hpp"
#include "actors/modules/modules.hpp"
#include "messages/deployment/manifest.hpp"
#include "runtime/config/config.hpp"
#include "runtime/engines/module_engine.hpp"
#include "runtime/node/core.hpp"
#include "runtime/node/workload_host.hpp"

#include <caf/expected.hpp>
#include <memory>
#include <optional>

namespace tidegate {

/// What a manifest for this node may ask for.
deployment::manifest_rules manifest_rules_of(const config& from,
                                             const node_profile& who);

/// The manifest of the configuration, or nothing when it names none.
/// `ec::bad_argument` tells everything that is wrong with it.
caf::expected<std::optional<deployment::manifest>>
load_manifest(const config& from, const deployment::manifest_rules& rules);

/// The users that modules run as; null when that is the node's own.
std::shared_ptr<user_table> make_users(const config& from);

/// The engine of this node's modules.
std::shared_ptr<module_engine> make_engine(const config& from,
                                           std::shared_ptr<user_table> users);

/// The child of the root supervisor that runs the modules. When it fails it is
/// started again, adopts what runs, and goes on with the deployment on `board`.
child_spec module_agent(const config& from,
                        std::shared_ptr<const node_core> core,
                        const node_profile& who,
                        std::shared_ptr<engine> runs_them,
                        std::shared_ptr<workload_host> host,
                        std::shared_ptr<const deployment_board> board);

/// The child of the root supervisor that meters what modules use.
child_spec usage_child(const config& from, std::shared_ptr<metrics> meters,
                       std::shared_ptr<engine> runs_them);

} // namespace tidegate
