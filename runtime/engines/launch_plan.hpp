#pragma once

#include "actors/modules/engine.hpp"
#include "runtime/engines/launch_record.hpp"

#include <filesystem>
#include <string>

namespace tidegate {

/// What the process engine needs to know of this machine.
struct process_engine_options {
  /// One folder per module lies here, with its log and its state.
  std::filesystem::path folder;
  /// Where programs named without a path are.
  std::filesystem::path programs;
  /// The program between gateway and module; `tidegate-shim`, beside the
  /// gateway's own program, when empty.
  std::filesystem::path shim;
  std::uint64_t log_size = 10u << 20; ///< bytes until a log is rotated
  std::uint64_t log_files = 3;        ///< parts kept of each log
  std::chrono::milliseconds stop_grace{10'000};
};

/// A launch as the shim takes it, or why this machine cannot have it.
struct launch_plan {
  launch_record record;
  std::string problem;
};

/// Works out program, user, folder and limits. `work` is the folder of the
/// module's own files, where it runs unless it says otherwise.
launch_plan plan_launch(const module_launch& launch,
                        const process_engine_options& options,
                        const std::filesystem::path& work);

} // namespace tidegate
