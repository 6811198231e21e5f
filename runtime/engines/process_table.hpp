#pragma once

#include "runtime/engines/state_record.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// What `/proc` says about one process.
struct process_entry {
  process_id id;
  pid_t parent = 0;
  pid_t session = 0;
  char state = '?'; ///< `Z` is a zombie
  /// Clock ticks of processor time, of children that it waited for too.
  std::uint64_t ticks_used = 0;
};

/// Reads `/proc/PID/stat`; nothing when there is no such process.
std::optional<process_entry> find_process(pid_t pid);

/// Every process that can be seen.
std::vector<process_entry> all_processes();

/// All processes below `ancestor`, at any depth, zombies left out.
std::vector<pid_t> descendants(pid_t ancestor);

/// All processes of the session that `leader` began, if that number has not
/// gone to another process since. Zombies are left out.
std::vector<pid_t> session_members(process_id leader);

/// True when `ancestor` is the process `pid` or one above it.
bool is_below(pid_t pid, pid_t ancestor);

/// A text that is new with each start of the machine; empty when unknown.
std::string boot_id();

/// How often the kernel has killed for want of memory since the start of the
/// machine.
std::uint64_t memory_kills();

} // namespace tidegate
