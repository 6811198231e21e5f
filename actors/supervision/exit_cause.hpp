#pragma once

#include <caf/error.hpp>
#include <string>

namespace tidegate {

/// How an actor or a module ended.
enum class exit_kind {
  finished,      ///< of its own accord, without an error (exit code 0)
  stopped,       ///< because it was asked to
  failed,        ///< with an error (exit code other than 0)
  killed,        ///< by a signal, or by `exit_reason::kill`
  out_of_memory, ///< by the kernel, for want of memory
  spawn_failed,  ///< it never came up
  unhealthy,     ///< it runs, but its health probe failed
  unknown,       ///< it is gone and nobody saw how
};

/// Why something ended: the kind, the number that goes with it, a sentence.
struct exit_cause {
  exit_kind kind = exit_kind::finished;
  /// Exit code of a process that ended, signal number of one that was
  /// killed, else 0.
  int code = 0;
  std::string detail;
};

/// `exit code 3: ...`, `killed by signal 9`, `finished`, ...
std::string to_string(const exit_cause& cause);

/// Reads the reason of a `caf::down_msg`; an empty one means finished.
exit_cause classify(const caf::error& reason);

} // namespace tidegate
