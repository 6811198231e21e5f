#pragma once

#include "runtime/engines/launch_record.hpp"
#include "runtime/engines/log_file.hpp"
#include "runtime/engines/shim/child.hpp"
#include "runtime/engines/state_record.hpp"

#include <chrono>
#include <filesystem>
#include <optional>

namespace tidegate {

/// Stays with one module from its start to its end: keeps its log, stops it
/// when told to, and records how it ended. Lives in a process of its own, so
/// that neither the module nor a line of its log nor its exit code is lost
/// when the gateway is killed.
///
/// SIGTERM means stop: the module's process group gets SIGTERM, and after the
/// grace everything that is left of it SIGKILL. Sent with `sigqueue`, the
/// value is the grace in milliseconds; else the one of the launch is used.
class keeper {
public:
  /// `folder` holds `launch`; `state` and `log` are written beside it.
  keeper(std::filesystem::path folder, launch_record launch);

  /// Runs the module. `ready`, if not -1, is closed once it is known, and
  /// recorded, whether the module runs. Returns when it has ended and the
  /// end is recorded.
  void run(int ready);

private:
  using clock = std::chrono::steady_clock;

  void record_start();
  void serve();
  void read_signals();
  void stop(std::chrono::milliseconds grace);
  void reap();
  void ended(int status);
  void kill_rest();
  /// False once that stream is at its end.
  bool read_stream(const unique_fd& fd, log_stream from);
  /// When something is to be done that nobody asks for.
  std::optional<clock::time_point> due() const;
  int wait_milliseconds() const;
  void show_prompt();
  void write_state();
  std::uint64_t count_memory_kills() const;

  std::filesystem::path folder_;
  launch_record launch_;
  log_file log_;
  state_record state_;
  started_child child_;
  unique_fd signals_;
  std::uint64_t memory_kills_before_ = 0;
  bool running_ = false;
  bool stopping_ = false;
  std::optional<clock::time_point> kill_at_;
  clock::time_point drained_by_;
  /// When text without an end of line is shown; nothing while there is none.
  std::optional<clock::time_point> show_at_;
};

} // namespace tidegate
