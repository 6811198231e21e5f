#include "runtime/engines/launch_plan.hpp"

#include "runtime/engines/module_user.hpp"
#include "runtime/engines/volumes.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sys/resource.h>

namespace tidegate {

namespace {

using deployment::process_options;

constexpr std::array<std::pair<std::string_view, int>, 13> resources{{
  {"core", RLIMIT_CORE},
  {"cpu", RLIMIT_CPU},
  {"data", RLIMIT_DATA},
  {"fsize", RLIMIT_FSIZE},
  {"memlock", RLIMIT_MEMLOCK},
  {"msgqueue", RLIMIT_MSGQUEUE},
  {"nice", RLIMIT_NICE},
  {"nofile", RLIMIT_NOFILE},
  {"nproc", RLIMIT_NPROC},
  {"rtprio", RLIMIT_RTPRIO},
  {"rttime", RLIMIT_RTTIME},
  {"sigpending", RLIMIT_SIGPENDING},
  {"stack", RLIMIT_STACK},
}};

void add_limits(const process_options& options, bool limits_memory,
                launch_record& into) {
  const auto unlimited = static_cast<std::uint64_t>(RLIM_INFINITY);
  // Counts private memory, not address space, which many programs reserve
  // and never use.
  if (const auto memory = options.limits.memory; memory && !limits_memory)
    into.limits.push_back({RLIMIT_DATA, *memory, *memory});
  for (const auto& limit : options.limits.ulimits) {
    const auto known
      = std::find_if(resources.begin(), resources.end(),
                     [&](const auto& it) { return it.first == limit.name; });
    if (known != resources.end())
      into.limits.push_back({known->second, limit.soft.value_or(unlimited),
                             limit.hard.value_or(unlimited)});
  }
}

std::vector<std::string> environment(std::map<std::string, std::string> own) {
  for (const char* name : {"PATH", "LANG", "TZ"})
    if (const char* value = std::getenv(name))
      own.try_emplace(name, value);
  std::vector<std::string> all;
  all.reserve(own.size());
  for (const auto& [name, value] : own)
    all.emplace_back(name).append("=").append(value);
  return all;
}

/// A program of an artifact is looked up there first, others where they are.
std::string program_of(const std::string& named, const artifact& from,
                       const process_engine_options& options) {
  if (named.starts_with('/'))
    return named;
  if (!from.folder.empty()) {
    const auto own = from.folder / named;
    std::error_code failed;
    if (named.find('/') != std::string::npos
        || std::filesystem::exists(own, failed))
      return own;
  }
  return options.programs / named;
}

} // namespace

launch_plan plan_launch(const module_launch& launch, const artifact& from,
                        const process_engine_options& options,
                        const std::filesystem::path& work, bool limits_memory) {
  const auto& spec = launch.spec;
  const auto& process = spec.process;
  launch_plan plan;
  auto& record = plan.record;
  plan.problem = from.problem;
  record.name = spec.name;
  record.hash = launch.hash;
  record.memo = launch.memo;
  if (!from.digest.empty())
    record.image_hash = "sha256:" + from.digest;
  if (from.kept)
    record.artifact = from.digest;
  else if (!spec.digest.empty())
    record.checked = from.folder.empty() ? from.program : from.folder;
  record.arguments = process.entrypoint;
  if (record.arguments.empty())
    record.arguments.push_back(from.program);
  else
    record.arguments.front()
      = program_of(record.arguments.front(), from, options);
  record.arguments.insert(record.arguments.end(), process.command.begin(),
                          process.command.end());
  auto env = launch.env;
  if (!from.folder.empty())
    env["TIDEGATE_ARTIFACT"] = from.folder;
  record.folder
    = process.working_folder.empty() ? work.string() : process.working_folder;
  record.stop_grace = static_cast<std::uint64_t>(
    process.stop_grace.value_or(std::chrono::seconds{0}).count() * 1000);
  if (!process.stop_grace)
    record.stop_grace = static_cast<std::uint64_t>(options.stop_grace.count());
  record.log_size = options.log_size;
  record.log_files = options.log_files;
  add_limits(process, limits_memory, record);
  const auto user
    = find_module_user(process.user, spec.name, options.users.get());
  record.user = user.user;
  record.group = user.group;
  const auto volumes = find_volumes(process.volumes, options);
  for (std::size_t i = 0; i < volumes.folders.size(); ++i)
    env["TIDEGATE_MOUNT_" + std::to_string(i + 1)] = volumes.folders[i];
  record.env = environment(std::move(env));
  for (const auto* problem : {&user.problem, &volumes.problem})
    if (plan.problem.empty())
      plan.problem = *problem;
  return plan;
}

} // namespace tidegate
