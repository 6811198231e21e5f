#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tidegate::harness {

/// The processes of the module `name`, which runs `program`, of the node whose
/// folder is `node`: one while it runs.
std::vector<pid_t> find_module(const std::filesystem::path& program,
                               const std::filesystem::path& node,
                               const std::string& name);

} // namespace tidegate::harness
