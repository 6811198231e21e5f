#include "runtime/engines/control_group.hpp"

#include "runtime/engines/group_file.hpp"

#include <algorithm>
#include <sstream>
#include <unistd.h>

namespace tidegate {

namespace {

namespace fs = std::filesystem;

bool has(const std::string& list, std::string_view word) {
  std::istringstream words{list};
  std::string one;
  while (words >> one)
    if (one == word)
      return true;
  return false;
}

} // namespace

deployment::limit_support possible_limits(const fs::path& folder) {
  const auto parent = folder.parent_path();
  if (folder.empty()
      || ::access((parent / "cgroup.subtree_control").c_str(), W_OK) != 0)
    return {};
  const auto there = read_group_file(parent / "cgroup.controllers");
  return {has(there, "cpu"), has(there, "pids")};
}

control_groups::control_groups(fs::path folder) : folder_{std::move(folder)} {
  if (folder_.empty())
    return;
  // Not there in version 1, where a folder is no more than a folder.
  const auto parent = folder_.parent_path();
  std::error_code failed;
  if (!fs::exists(parent / "cgroup.controllers", failed))
    return;
  fs::create_directory(folder_, failed);
  for (const auto* name : {"+cpu", "+memory", "+pids"})
    write_group_file(parent / "cgroup.subtree_control", name);
  const auto there = read_group_file(folder_ / "cgroup.controllers");
  const auto enable = [&](const std::string& name) {
    return has(there, name)
           && write_group_file(folder_ / "cgroup.subtree_control", '+' + name)
                .empty();
  };
  support_.cpu = enable("cpu");
  support_.pids = enable("pids");
  memory_ = enable("memory");
}

std::vector<std::string>
control_groups::settings(const deployment::resource_limits& limits) const {
  constexpr std::uint64_t period = 100'000, billion = 1'000'000'000;
  constexpr std::uint64_t least_quota = 1'000; // the kernel's own
  const auto text = [](const std::optional<std::uint64_t>& limit) {
    return limit ? std::to_string(*limit) : std::string{"max"};
  };
  std::vector<std::string> all;
  if (memory_)
    all.push_back("memory.max " + text(limits.memory));
  if (support_.pids)
    all.push_back("pids.max " + text(limits.pids));
  std::optional<std::uint64_t> quota;
  if (limits.nano_cpus)
    quota = std::max(*limits.nano_cpus / (billion / period), least_quota);
  if (support_.cpu)
    all.push_back("cpu.max " + text(quota) + ' ' + std::to_string(period));
  return all;
}

std::string
control_groups::make(const std::string& module,
                     const std::vector<std::string>& settings) const {
  const auto folder = folder_of(module);
  std::error_code failed;
  fs::create_directory(folder, failed);
  if (failed)
    return "creating " + folder.string() + ": " + failed.message();
  for (const auto& setting : settings) {
    const auto blank = setting.find(' ');
    if (auto why = write_group_file(folder / setting.substr(0, blank),
                                    setting.substr(blank + 1));
        !why.empty())
      return why;
  }
  return {};
}

void control_groups::remove(const std::string& module) const {
  std::error_code ignored;
  if (!folder_.empty())
    fs::remove(folder_of(module), ignored); // only when it is empty
}

} // namespace tidegate
