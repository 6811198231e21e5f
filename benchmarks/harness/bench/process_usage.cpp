#include "benchmarks/harness/bench/process_usage.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

namespace tidegate::harness {

namespace {

std::ifstream open_process_file(int pid, const char* name) {
  return std::ifstream{"/proc/" + std::to_string(pid) + "/" + name};
}

} // namespace

std::optional<std::uint64_t> proportional_memory(int pid) {
  auto in = open_process_file(pid, "smaps_rollup");
  for (std::string name; in >> name;) {
    std::uint64_t kibibytes = 0;
    if (name == "Pss:" && in >> kibibytes)
      return kibibytes * 1024;
  }
  return {};
}

std::optional<std::chrono::nanoseconds> processor_time(int pid) {
  auto in = open_process_file(pid, "stat");
  std::string line;
  if (!std::getline(in, line))
    return {};
  // The second field, the name, may hold blanks; the fields behind its
  // parenthesis do not. User and system time are the 14th and 15th of all.
  std::istringstream fields{line.substr(line.rfind(')') + 1)};
  std::string skipped;
  for (int i = 3; i < 14; ++i)
    fields >> skipped;
  std::int64_t user = 0, system = 0;
  if (!(fields >> user >> system))
    return {};
  return std::chrono::nanoseconds{std::chrono::seconds{1}} * (user + system)
         / ::sysconf(_SC_CLK_TCK);
}

} // namespace tidegate::harness
