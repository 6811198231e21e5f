#pragma once

#include "runtime/engines/launch_record.hpp"
#include "runtime/engines/unique_fd.hpp"

#include <string>
#include <sys/types.h>

namespace tidegate {

/// Turns this process into the program of `record`: folder, limits, user,
/// `no_new_privs`, environment, and no open files but 0 to 2. Comes back only
/// on failure, with `errno` set and what was tried.
const char* become(const launch_record& record,
                   const std::vector<std::string>& arguments);

/// What came of starting a module.
struct started_child {
  pid_t pid = -1;
  unique_fd out;   ///< what it writes to stdout
  unique_fd err;   ///< what it writes to stderr
  int problem = 0; ///< `errno`, 0 when it runs
  std::string detail;
};

/// Starts the module in a session and process group of its own. It is killed
/// when this process ends, however that happens.
started_child start_child_process(const launch_record& record);

/// Kills everything below this process, at any depth.
void kill_descendants();

} // namespace tidegate
