#include "runtime/engines/process_usage.hpp"

#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/process_table.hpp"

#include <algorithm>
#include <sstream>
#include <unistd.h>
#include <unordered_map>

namespace tidegate {

namespace {

/// Memory that a process has for itself, in bytes.
std::uint64_t own_memory(const std::string& folder) {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;
  std::istringstream{read_file(folder + "statm").value_or("")} >> size
    >> resident >> shared;
  return (resident - std::min(resident, shared))
         * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void add_disk(const std::string& folder, module_usage& to) {
  std::istringstream lines{read_file(folder + "io").value_or("")};
  std::string name;
  for (std::uint64_t bytes = 0; lines >> name >> bytes;)
    if (name == "read_bytes:")
      to.disk_read += bytes;
    else if (name == "write_bytes:")
      to.disk_written += bytes;
}

void add(const process_entry& one, module_usage& to) {
  const auto folder = "/proc/" + std::to_string(one.id.pid) + '/';
  const auto second
    = static_cast<std::uint64_t>(std::max(::sysconf(_SC_CLK_TCK), 1L));
  to.processor += std::chrono::milliseconds{one.ticks_used * 1000 / second};
  to.memory += own_memory(folder);
  add_disk(folder, to);
  ++to.processes;
}

} // namespace

std::vector<module_usage>
read_usage(const std::map<std::string, pid_t>& holders) {
  std::unordered_map<pid_t, std::vector<process_entry>> children;
  for (const auto& one : all_processes())
    children[one.parent].push_back(one);
  std::vector<module_usage> all;
  for (const auto& [name, holder] : holders) {
    auto& used = all.emplace_back();
    used.name = name;
    auto left = children[holder];
    while (!left.empty()) {
      const auto one = left.back();
      left.pop_back();
      add(one, used);
      const auto below = children.find(one.id.pid);
      if (below != children.end())
        left.insert(left.end(), below->second.begin(), below->second.end());
    }
  }
  return all;
}

} // namespace tidegate
