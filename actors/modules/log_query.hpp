#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// Which of a module's log lines are wanted.
struct log_query {
  /// Only the last so many, counted after the other conditions.
  std::optional<std::size_t> tail;
  /// Only lines from this time on, milliseconds since 1970.
  std::optional<std::int64_t> since;
  /// Only lines before this time.
  std::optional<std::int64_t> until;
  /// Go on with lines as they are written.
  bool follow = false;
};

/// One line that a module wrote.
struct log_line {
  std::int64_t time = 0; ///< microseconds since 1970
  bool error = false;    ///< written to stderr
  /// The line was longer than fits; the next one continues it.
  bool partial = false;
  std::string text; ///< without its end of line
};

/// Takes log lines; called on the engine's thread, must not block.
class log_sink {
public:
  virtual ~log_sink() = default;

  /// The next lines. False when no more are wanted, or no more can be taken
  /// now and the sink rather ends than waits.
  virtual bool lines(std::vector<log_line> batch) = 0;

  /// Nothing follows. `problem` is empty unless reading failed.
  virtual void end(const std::string& problem) = 0;
};

} // namespace tidegate
