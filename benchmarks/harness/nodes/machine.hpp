#pragma once

#include "benchmarks/harness/preload/control.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace tidegate::harness {

/// The machine that a node believes to run on: its disk can be slow to sync,
/// its wall clock can be wrong. A library that is loaded into the node sees to
/// it.
class machine {
public:
  machine() = default;
  ~machine();
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  /// Makes the file that the node looks at. An error text, or empty.
  std::string open(const std::filesystem::path& file,
                   const std::filesystem::path& library);

  /// What a node's environment must have besides; empty unless open.
  const std::vector<std::string>& environment() const { return environment_; }

  /// From here on every sync takes so much longer; zero for none.
  void slow_sync(std::chrono::milliseconds shortest,
                 std::chrono::milliseconds longest);
  /// From here on the wall clock is wrong by so much.
  void step_clock(std::chrono::seconds offset);

  std::uint64_t slow_syncs() const;
  std::uint64_t wrong_times() const;

private:
  machine_control* control_ = nullptr;
  std::vector<std::string> environment_;
};

/// The library, which lies beside the program; empty when it does not.
std::filesystem::path machine_library();

} // namespace tidegate::harness
