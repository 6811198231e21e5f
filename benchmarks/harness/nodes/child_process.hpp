#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tidegate::harness {

/// A program started by the harness. It is killed when this object goes, and
/// by the kernel when the harness does.
class child_process {
public:
  child_process() = default;
  ~child_process();
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&& other) noexcept;

  /// Starts `arguments[0]`; its output is appended to `log`. Its environment
  /// is that of the harness, and `more` (`NAME=value`). An error text, empty
  /// when it runs.
  std::string start(const std::vector<std::string>& arguments,
                    const std::filesystem::path& log,
                    const std::vector<std::string>& more = {});

  /// As `start`, but what it writes to its standard output can be read from
  /// `output`, which the caller closes.
  std::string start_reading(const std::vector<std::string>& arguments,
                            const std::filesystem::path& log, int& output);

  /// 0 while nothing runs.
  pid_t pid() const { return pid_; }

  /// Whether it has not ended; notices when it has.
  bool running();

  /// SIGKILL, and gone when this returns.
  void kill();

  /// SIGTERM; SIGKILL after `grace`. True when it ended by itself.
  bool end(std::chrono::milliseconds grace);

private:
  std::string start(const std::vector<std::string>& arguments,
                    const std::filesystem::path& log,
                    const std::vector<std::string>& more, int output);

  pid_t pid_ = 0;
};

/// What a command left behind.
struct command_result {
  int code = -1; ///< exit code; -1 when it could not be run or took too long
  std::string output;
  std::string errors;
};

/// Runs a command to its end, at most for `limit`.
command_result run_command(const std::vector<std::string>& arguments,
                           std::chrono::milliseconds limit);

} // namespace tidegate::harness
