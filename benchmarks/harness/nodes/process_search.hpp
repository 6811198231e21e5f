#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tidegate::harness {

/// The processes of this machine that run `program` and whose environment
/// mentions `mark`: a module, when the mark is its workload socket.
std::vector<pid_t> find_processes(const std::filesystem::path& program,
                                  const std::string& mark);

} // namespace tidegate::harness
