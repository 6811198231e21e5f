#include "benchmarks/harness/nodes/process_search.hpp"

#include <charconv>
#include <fstream>
#include <iterator>

namespace tidegate::harness {

namespace {

/// The number a folder of /proc is named by; 0 for its other folders.
pid_t process_of(const std::filesystem::path& folder) {
  const auto name = folder.filename().string();
  pid_t pid = 0;
  const auto* const end = name.data() + name.size();
  const auto read = std::from_chars(name.data(), end, pid);
  return read.ptr == end ? pid : 0;
}

bool mentions(const std::filesystem::path& file, const std::string& mark) {
  std::ifstream in{file, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  return text.find(mark) != std::string::npos;
}

/// The processes of this machine that run `program` and whose environment
/// mentions `mark`.
std::vector<pid_t> find_processes(const std::filesystem::path& program,
                                  const std::string& mark) {
  std::vector<pid_t> found;
  std::error_code bad;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc", bad}) {
    const auto pid = process_of(entry.path());
    if (pid == 0)
      continue;
    const auto runs = std::filesystem::read_symlink(entry.path() / "exe", bad);
    if (!bad && runs == program && mentions(entry.path() / "environ", mark))
      found.push_back(pid);
  }
  return found;
}

} // namespace

std::vector<pid_t> find_module(const std::filesystem::path& program,
                               const std::filesystem::path& node,
                               const std::string& name) {
  const auto socket = node / "run" / "workload" / (name + ".sock");
  return find_processes(program,
                        "IOTEDGE_WORKLOADURI=unix://" + socket.string());
}

} // namespace tidegate::harness
