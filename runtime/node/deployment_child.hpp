#pragma once

#include "actors/deployment/blob_client.hpp"
#include "actors/deployment/deployment_board.hpp"
#include "actors/modules/engine.hpp"
#include "runtime/node/core.hpp"
#include "storage/deployment_backup.hpp"

#include <caf/expected.hpp>
#include <memory>

namespace tidegate {

/// The deployment a node starts with, and where it is kept.
struct first_deployment_parts {
  std::shared_ptr<deployment_board> board;
  std::shared_ptr<deployment_backup> backup;
};

/// Finds the deployment to start with, before the parent is asked: where the
/// node is its own source the manifest of the configuration, or the last good
/// one when that is wrong; elsewhere the last good one, or the manifest. What
/// is wrong is logged. `ec::bad_argument` when the manifest is wrong and there
/// is no other.
caf::expected<first_deployment_parts> first_deployment(const core_parts& of);

/// The child of the root supervisor that follows and reports deployments; to
/// be started after `modules`.
child_spec deployment_child(const core_parts& parts,
                            std::shared_ptr<const node_core> core,
                            const first_deployment_parts& first);

/// The child that answers the direct methods of `$edgeAgent`.
child_spec agent_methods_child(const core_parts& parts,
                               std::shared_ptr<const node_core> core,
                               std::shared_ptr<engine> runs_them,
                               std::shared_ptr<blob_client> blobs);

} // namespace tidegate
