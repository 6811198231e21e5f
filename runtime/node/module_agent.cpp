#include "runtime/node/module_agent.hpp"

#include "actors/modules/resource_meter.hpp"
#include "messages/ec.hpp"
#include "runtime/engines/control_group.hpp"
#include "runtime/engines/docker/docker_engine.hpp"
#include "runtime/engines/process_engine.hpp"
#include "runtime/host/machine.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace tidegate {

namespace {

std::shared_ptr<module_engine> make_docker_engine(const config& from) {
  const auto& with = from.modules.docker;
  docker_engine_options options;
  options.socket = with.socket.string();
  options.folder = from.node.data / "docker";
  options.workload = workload_folder(from.node.run);
  options.network = with.network;
  options.elevated = with.elevated;
  options.cleanup.enabled = with.image_cleanup;
  options.cleanup.period = with.image_cleanup_period;
  options.cleanup.time = with.image_cleanup_time;
  options.cleanup.age = with.image_age;
  return std::make_shared<docker_engine>(std::move(options));
}

} // namespace

deployment::manifest_rules manifest_rules_of(const config& from,
                                             const node_profile& who) {
  deployment::manifest_rules rules;
  if (from.modules.engine == "docker")
    rules.engine = deployment::engine_kind::docker;
  rules.limits = possible_limits(from.modules.control_group);
  if (who.parent)
    rules.parent_host = who.parent->target();
  return rules;
}

caf::expected<std::optional<deployment::manifest>>
load_manifest(const config& from, const deployment::manifest_rules& rules) {
  if (from.modules.manifest.empty())
    return std::optional<deployment::manifest>{};
  const auto file = from.modules.manifest.string();
  std::ifstream in{file, std::ios::binary};
  std::stringstream text;
  text << in.rdbuf();
  if (!in)
    return caf::make_error(ec::bad_argument,
                           "modules.manifest: cannot read " + file);
  auto read = deployment::parse_manifest(text.str(), rules);
  if (read.ok())
    return std::optional{std::move(read.value)};
  std::string all = "modules.manifest: " + file + " is not valid";
  for (const auto& error : read.errors)
    all += "; " + to_string(error);
  return caf::make_error(ec::bad_argument, all);
}

std::shared_ptr<user_table> make_users(const config& from) {
  if (::geteuid() != 0 || from.modules.users == 0
      || from.modules.engine == "docker")
    return nullptr;
  return std::make_shared<user_table>(
    from.node.data / "modules.users",
    static_cast<std::uint32_t>(from.modules.first_user),
    static_cast<std::uint32_t>(from.modules.users));
}

std::shared_ptr<module_engine> make_engine(const config& from,
                                           std::shared_ptr<user_table> users) {
  if (from.modules.engine == "docker")
    return make_docker_engine(from);
  process_engine_options options;
  options.folder = from.node.data / "modules";
  options.programs = from.modules.programs;
  options.log_size = static_cast<std::uint64_t>(from.modules.log_size);
  options.log_files = static_cast<std::uint64_t>(from.modules.log_files);
  options.stop_grace = from.modules.stop_grace;
  options.users = std::move(users);
  options.shared = from.modules.shared;
  options.control_group = from.modules.control_group;
  options.artifact_ca = from.modules.artifact_ca;
  options.artifact_age = from.modules.artifact_age;
  return std::make_shared<process_engine>(std::move(options));
}

child_spec module_agent(const config& from,
                        std::shared_ptr<const node_core> core,
                        const node_profile& who,
                        std::shared_ptr<engine> runs_them,
                        std::shared_ptr<workload_host> host,
                        std::shared_ptr<const deployment_board> board) {
  module_context context;
  context.engine = std::move(runs_them);
  context.host = std::move(host);
  context.clients = core->clients;
  context.device = who.device;
  context.wait.unit = from.modules.backoff_unit;
  context.wait.longest = from.modules.backoff_longest;
  context.stop_grace = from.modules.stop_grace;
  if (from.modules.most_restarts > 0)
    context.most_attempts = static_cast<unsigned>(from.modules.most_restarts);
  if (from.modules.rollback == "on"
      || from.modules.rollback == from.modules.engine)
    context.rollback_grace = from.modules.rollback_grace;
  context.rules = manifest_rules_of(from, who);
  context.now = [] { return wall_clock().time_since_epoch().count(); };
  context.meters = core->meters;
  child_spec spec{"modules", [context, board](caf::event_based_actor* by) {
                    return by->spawn(modules, context,
                                     board->current().manifest);
                  }};
  spec.answers_tree = true;
  spec.stop_grace = from.modules.stop_grace + std::chrono::seconds{5};
  return spec;
}

child_spec usage_child(const config& from, std::shared_ptr<metrics> meters,
                       std::shared_ptr<engine> runs_them) {
  using std::chrono::milliseconds;
  resource_meter_context context;
  context.engine = std::move(runs_them);
  context.meters = std::move(meters);
  context.machine = read_machine_facts();
  context.look = read_machine_usage;
  context.version = TIDEGATE_VERSION;
  context.period = std::max<milliseconds>(from.modules.usage_period,
                                          std::chrono::seconds{5});
  context.first = std::min(context.first, context.period);
  return {"usage", [context](caf::event_based_actor* by) {
            return by->spawn(resource_meter, context);
          }};
}

} // namespace tidegate
