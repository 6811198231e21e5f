#pragma once

#include "runtime/engines/state_record.hpp"
#include "runtime/engines/unique_fd.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// A shim that was started just now.
struct spawned_shim {
  pid_t pid = 0;
  unique_fd pidfd;
  /// Readable, at its end, once the module runs or has failed to.
  unique_fd ready;
  std::string problem;
};

/// Starts `shim COMMAND FOLDER ARGUMENTS…` in a session of its own, with no
/// open files of ours. Safe in a program with many threads.
spawned_shim spawn_shim(const std::filesystem::path& shim,
                        const std::string& command,
                        const std::filesystem::path& folder,
                        const std::vector<std::string>& arguments = {});

/// Gets hold of a process that is not our child; nothing when it is gone or
/// its number belongs to another one now.
unique_fd open_process(process_id id);

/// Tells a shim to stop its module, see `keeper`. False when it is gone.
bool send_stop(const unique_fd& pidfd, std::chrono::milliseconds grace);

/// Kills the process. False when it is gone.
bool send_kill(const unique_fd& pidfd);

/// Kills what is left of the session that a module began, when its shim is
/// gone and cannot. Waits for the end of it, but no longer than a second.
void kill_session(process_id leader);

/// Collects a child that has ended and gives its wait status; nothing when it
/// is not our child.
std::optional<int> collect(const unique_fd& pidfd);

/// Where the shim is: beside the program that runs now.
std::filesystem::path default_shim();

} // namespace tidegate
