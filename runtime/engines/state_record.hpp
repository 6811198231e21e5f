#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace tidegate {

/// A process that is told from a later one with the same number by the time
/// it started.
struct process_id {
  pid_t pid = 0;
  std::uint64_t ticks = 0; ///< field 22 of `/proc/PID/stat`

  bool operator==(const process_id&) const = default;
};

/// What became of a module's last start; written by its shim, read by the
/// engine, also by the one of a later gateway.
struct state_record {
  enum class phase { running, exited, killed, out_of_memory, spawn_failed };

  phase now = phase::running;
  std::string hash; ///< of the launch
  std::string boot; ///< process numbers mean nothing after a reboot
  process_id shim;
  process_id main;
  std::int64_t started = 0; ///< milliseconds since 1970
  std::int64_t finished = 0;
  /// Exit code, or signal, or `errno` of what kept it from starting.
  int code = 0;
  std::string detail;

  bool operator==(const state_record&) const = default;
};

/// Lines of `name=value`.
std::string encode(const state_record& record);

/// Reads what `encode` wrote; nothing for any other text.
std::optional<state_record> decode_state(std::string_view text);

} // namespace tidegate
