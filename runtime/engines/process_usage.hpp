#pragma once

#include "actors/modules/machine.hpp"

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tidegate {

/// What the processes below each of these use, by module. Those themselves,
/// which only hold the modules, do not count. Reads `/proc` once for all.
std::vector<module_usage>
read_usage(const std::map<std::string, pid_t>& holders);

} // namespace tidegate
