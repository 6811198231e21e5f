#include "actors/deployment/agent_report.hpp"

#include "messages/amqp/time_text.hpp"
#include "messages/deployment/create_options.hpp"
#include "messages/twin/property_name.hpp"
#include "messages/twin/rules.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using deployment::module_spec;
using twin::property_name;

/// Of what is wrong with a deployment, this much is enough to find it.
constexpr std::size_t longest_description = 1024;

std::string time_text(wall_milliseconds at) {
  return at == 0 ? "0001-01-01T00:00:00Z" : amqp::time_text(at);
}

/// As much of `text` as a property may hold, cut between two characters.
std::string fitting(std::string_view text,
                    std::size_t limit = twin::longest_text) {
  if (text.size() > limit) {
    while ((static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80)
      --limit;
    text = text.substr(0, limit);
  }
  return std::string{text};
}

json::object
registries(const std::vector<deployment::registry_credential>& of) {
  json::object all;
  for (const auto& one : of)
    all[property_name(one.name)] = {{"address", fitting(one.address)},
                                    {"username", fitting(one.user)},
                                    {"password", masked_password}};
  return all;
}

json::object runtime_of(const agent_facts& facts) {
  json::object runtime{{"type", "Unknown"},
                       {"platform",
                        {{"os", facts.platform.os},
                         {"architecture", facts.platform.architecture},
                         {"version", facts.version}}}};
  if (!facts.deployed)
    return runtime;
  const auto& deployed = *facts.deployed;
  runtime["type"] = to_string(deployed.engine);
  runtime["settings"]
    = {{"minDockerVersion", fitting(deployed.min_docker_version)},
       {"loggingOptions", fitting(deployed.logging_options)},
       {"registryCredentials", registries(deployed.registries)}};
  return runtime;
}

json::object settings_of(const module_spec& spec, const std::string& image,
                         const std::string& hash) {
  json::object settings{{"image", fitting(image)}, {"imageHash", hash}};
  if (!spec.digest.empty())
    settings["digest"] = fitting(spec.digest);
  // What needs more parts than there may be is cut off (edge-agent spec 1.6).
  deployment::split_create_options(json::serialize(spec.create_options),
                                   settings);
  return settings;
}

json::object env_of(const module_spec& spec) {
  json::object env;
  for (const auto& [name, value] : spec.env)
    env[property_name(name)] = {{"value", fitting(value)}};
  return env;
}

/// What every module has, the system's too.
json::object common(const module_spec& spec, const module_status& status) {
  json::object module{{"type", to_string(spec.engine)},
                      {"exitCode", status.exit_code},
                      {"lastStartTimeUtc", time_text(status.last_start)},
                      {"lastExitTimeUtc", time_text(status.last_exit)},
                      {"runtimeStatus", to_string(status.status)},
                      {"imagePullPolicy", spec.pull ? "on-create" : "never"},
                      {"env", env_of(spec)}};
  if (!status.description.empty())
    module["statusDescription"]
      = fitting(status.description, longest_description);
  if (spec.startup_order != deployment::last_in_order)
    module["startupOrder"] = std::int64_t{spec.startup_order};
  return module;
}

void add_policy(json::object& module, const module_spec& spec,
                const module_status& status) {
  module["status"] = spec.running ? "running" : "stopped";
  module["restartPolicy"] = to_string(spec.restart);
  module["restartCount"] = std::int64_t{status.restarts.restarts};
  module["lastRestartTimeUtc"]
    = time_text(status.restarts.last_restart != 0 ? status.restarts.last_restart
                                                  : status.last_exit);
}

json::object user_module(const module_spec& spec, const module_status& status) {
  auto module = common(spec, status);
  module["version"] = fitting(status.version);
  add_policy(module, spec, status);
  module["settings"] = settings_of(spec, status.image, status.image_hash);
  return module;
}

/// The agent or the hub: part of this node, whatever image is named for it.
json::object system_module(const char* name,
                           const std::optional<module_spec>& given,
                           const agent_facts& facts) {
  module_spec spec;
  if (given) {
    spec = *given;
  } else {
    spec.restart = restart_when::always;
    spec.engine = facts.deployed ? facts.deployed->engine : spec.engine;
  }
  const auto is_agent = std::string_view{name} == "edgeAgent";
  if (is_agent)
    spec.startup_order = 0;
  module_status status;
  status.status = runtime_status::running;
  status.last_start = facts.started;
  if (!spec.image.empty())
    status.description = "part of Tidegate; its image is not started";
  auto module = common(spec, status);
  if (!is_agent)
    add_policy(module, spec, status);
  module["settings"] = settings_of(spec, spec.image, {});
  return module;
}

json::object modules_of(const agent_facts& facts) {
  json::object all;
  if (!facts.deployed)
    return all;
  const auto& specs = facts.deployed->modules;
  for (const auto& status : facts.modules) {
    const auto spec
      = std::find_if(specs.begin(), specs.end(),
                     [&](const auto& one) { return one.name == status.name; });
    if (spec != specs.end())
      all[property_name(status.name)] = user_module(*spec, status);
  }
  return all;
}

json::object status_document(const deployment_status& of) {
  return {{"code", of.code},
          {"description", fitting(of.description, longest_description)}};
}

/// Every module in the section `name` becomes unknown.
void make_unknown(json::object& report, const char* name) {
  auto* section = report.if_contains(name);
  if (!section || !section->is_object())
    return;
  for (auto& [key, module] : section->get_object())
    if (module.is_object())
      module.get_object()["runtimeStatus"] = to_string(runtime_status::unknown);
}

} // namespace

json::object agent_report(const agent_facts& facts) {
  static const std::optional<module_spec> none;
  const auto& agent = facts.deployed ? facts.deployed->agent : none;
  const auto& hub = facts.deployed ? facts.deployed->hub : none;
  return {
    {"schemaVersion", "1.0"},
    {"version", {{"version", facts.version}, {"build", ""}, {"commit", ""}}},
    {"lastDesiredVersion", facts.status.version},
    {"lastDesiredStatus", status_document(facts.status)},
    {"runtime", runtime_of(facts)},
    {"systemModules",
     {{"edgeAgent", system_module("edgeAgent", agent, facts)},
      {"edgeHub", system_module("edgeHub", hub, facts)}}},
    {"modules", modules_of(facts)},
  };
}

void forget_modules(json::object& report, const json::object& last) {
  if (const auto* modules = last.if_contains("modules"))
    report["modules"] = *modules;
  make_unknown(report, "modules");
}

json::object farewell_report(json::object last) {
  last["lastDesiredStatus"] = status_document({0, 406, "Agent is not running"});
  make_unknown(last, "modules");
  make_unknown(last, "systemModules");
  return last;
}

} // namespace tidegate
