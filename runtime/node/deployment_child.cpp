#include "runtime/node/deployment_child.hpp"

#include "actors/deployment/agent_methods.hpp"
#include "actors/deployment/deployment.hpp"
#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/own_module.hpp"
#include "runtime/engines/durable_file.hpp"
#include "runtime/node/module_agent.hpp"
#include "runtime/node/own_twin_child.hpp"
#include "runtime/node/route_source.hpp"

#include <boost/json/serialize.hpp>
#include <caf/spawn_options.hpp>
#include <sys/utsname.h>

namespace tidegate {

namespace {

/// The last good deployment; without a manifest when there is none that can
/// be used.
current_deployment last_good(deployment_backup& backup,
                             const deployment::manifest_rules& rules) {
  const auto kept = backup.load();
  if (!kept) {
    if (kept.error() != ec::not_found)
      log::error("deployment", "the last good deployment is not used",
                 {{"reason", error_text(kept.error())}});
    return {};
  }
  auto read = deployment::parse_manifest(
    boost::json::serialize(kept->deployment), rules);
  if (read.ok())
    return {std::make_shared<const deployment::manifest>(std::move(read.value)),
            kept->version};
  log::error("deployment", "the last good deployment is not good any more",
             {{"reason", to_string(read.errors.front())}});
  return {};
}

platform_facts this_platform() {
  utsname names{};
  ::uname(&names);
  return {names.sysname, names.machine};
}

/// Keeps the mode of the file that is replaced: others may read it.
caf::error replace_manifest(const std::filesystem::path& file,
                            const std::string& text) {
  std::error_code unknown;
  const auto before = std::filesystem::status(file, unknown).permissions();
  const auto problem = write_durably(file, text);
  if (!problem.empty())
    return caf::make_error(ec::io_failed, "modules.manifest: " + problem);
  if (!unknown)
    std::filesystem::permissions(file, before, unknown);
  return {};
}

local_manifest local_source(const core_parts& parts, const node_core& core) {
  local_manifest made;
  const auto& file = parts.with.modules.manifest;
  made.read = [file]() -> caf::expected<std::string> {
    auto text = read_file(file);
    if (!text)
      return caf::make_error(ec::io_failed,
                             "modules.manifest: cannot read " + file.string());
    return std::move(*text);
  };
  made.replace = [file](const std::string& text) -> caf::error {
    if (file.empty())
      return caf::make_error(ec::refused,
                             "the configuration names no modules.manifest");
    return replace_manifest(file, text);
  };
  made.routes
    = [parts](const deployment::manifest& wanted) -> caf::expected<set_routes> {
    // What the twin said about routes goes before the manifest.
    const auto applied = applied_configuration(parts);
    if (!applied)
      return applied.error();
    return initial_routes(parts.with, parts.who, wanted, *applied);
  };
  made.router = core.router;
  return made;
}

} // namespace

caf::expected<first_deployment_parts> first_deployment(const core_parts& of) {
  const auto rules = manifest_rules_of(of.with, of.who);
  first_deployment_parts made{
    std::make_shared<deployment_board>(),
    std::make_shared<deployment_backup>(of.with.node.data / "deployment.sealed",
                                        of.storage.secrets)};
  auto kept = last_good(*made.backup, rules);
  if (kept.manifest && !of.with.deploys_itself()) {
    made.board->publish(std::move(kept));
    return made;
  }
  auto given = load_manifest(of.with, rules);
  if (!given && !kept.manifest)
    return given.error();
  if (!given) {
    log::error("deployment", "the manifest is refused; the last good one stays",
               {{"reason", error_text(given.error())}});
    made.board->publish(std::move(kept));
  } else if (*given) {
    made.board->publish(
      {std::make_shared<const deployment::manifest>(std::move(**given)), 0});
  }
  return made;
}

child_spec deployment_child(const core_parts& parts,
                            std::shared_ptr<const node_core> core,
                            const first_deployment_parts& first) {
  deployment_context made;
  made.own = agent_of(parts.who.device);
  made.twins = core->twins;
  made.board = first.board;
  made.backup = first.backup;
  made.checkpoint
    = std::make_shared<const availability_checkpoint>(parts.with.node.data);
  made.rules = manifest_rules_of(parts.with, parts.who);
  if (parts.with.deploys_itself())
    made.local = local_source(parts, *core);
  made.version = TIDEGATE_VERSION;
  made.platform = this_platform();
  made.now = [] { return wall_clock(); };
  made.meters = parts.meters;
  if (!parts.who.is_hub())
    made.farewell = std::chrono::milliseconds{250};
  // On a thread of its own, because it writes to disk; now and then only.
  return {"deployment", [made](caf::event_based_actor* by) {
            auto context = made;
            context.supervisor = by->address();
            return caf::actor{
              by->spawn<caf::detached>(deployment_actor, std::move(context))};
          }};
}

child_spec agent_methods_child(const core_parts& parts,
                               std::shared_ptr<const node_core> core,
                               std::shared_ptr<engine> runs_them,
                               std::shared_ptr<blob_client> blobs) {
  agent_methods_context made;
  made.own = agent_of(parts.who.device);
  made.methods = core->methods;
  made.engine = std::move(runs_them);
  made.blobs = std::move(blobs);
  made.hub = parts.who.hub_host;
  made.parent_host = manifest_rules_of(parts.with, parts.who).parent_host;
  made.version = TIDEGATE_VERSION;
  made.now = [] { return wall_clock(); };
  made.meters = parts.meters;
  // On a thread of its own, because it compresses logs; now and then only.
  return {"agent-methods", [made](caf::event_based_actor* by) {
            auto context = made;
            context.supervisor = by->address();
            context.seed = random_number();
            return caf::actor{
              by->spawn<caf::detached>(agent_methods, std::move(context))};
          }};
}

} // namespace tidegate
