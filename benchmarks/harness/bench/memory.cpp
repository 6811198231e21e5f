#include "benchmarks/harness/bench/memory.hpp"

#include <fstream>
#include <string>

namespace tidegate::harness {

std::optional<std::uint64_t> proportional_memory(int pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/smaps_rollup"};
  for (std::string name; in >> name;) {
    std::uint64_t kibibytes = 0;
    if (name == "Pss:" && in >> kibibytes)
      return kibibytes * 1024;
  }
  return {};
}

} // namespace tidegate::harness
