#include "runtime/engines/launch_plan.hpp"

#include "runtime/engines/module_user.hpp"

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

void add_limits(const process_options& options, launch_record& into) {
  const auto unlimited = static_cast<std::uint64_t>(RLIM_INFINITY);
  // Counts private memory, not address space, which many programs reserve
  // and never use.
  if (const auto memory = options.limits.memory)
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

} // namespace

launch_plan plan_launch(const module_launch& launch,
                        const process_engine_options& options,
                        const std::filesystem::path& work) {
  const auto& spec = launch.spec;
  const auto& process = spec.process;
  launch_plan plan;
  auto& record = plan.record;
  record.name = spec.name;
  record.hash = launch.hash;
  record.memo = launch.memo;
  record.arguments = process.entrypoint;
  if (record.arguments.empty())
    record.arguments.push_back(spec.image);
  auto& program = record.arguments.front();
  if (program.find('/') == std::string::npos)
    program = options.programs / program;
  record.arguments.insert(record.arguments.end(), process.command.begin(),
                          process.command.end());
  record.env = environment(launch.env);
  record.folder
    = process.working_folder.empty() ? work.string() : process.working_folder;
  record.stop_grace = static_cast<std::uint64_t>(
    process.stop_grace.value_or(std::chrono::seconds{0}).count() * 1000);
  if (!process.stop_grace)
    record.stop_grace = static_cast<std::uint64_t>(options.stop_grace.count());
  record.log_size = options.log_size;
  record.log_files = options.log_files;
  add_limits(process, record);
  const auto user = find_module_user(process.user);
  plan.problem = user.problem;
  record.user = user.user;
  record.group = user.group;
  return plan;
}

} // namespace tidegate
