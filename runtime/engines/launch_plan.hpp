#pragma once

#include "actors/modules/engine.hpp"
#include "runtime/engines/artifacts/artifact_store.hpp"
#include "runtime/engines/launch_record.hpp"
#include "runtime/engines/user_table.hpp"

#include <filesystem>
#include <string>

namespace tidegate {

/// What the process engine needs to know of this machine.
struct process_engine_options {
  /// One folder per module lies here, with its log and its state.
  std::filesystem::path folder;
  /// Where programs named without a path are, and artifacts by name.
  std::filesystem::path programs;
  /// Where artifacts are unpacked; `artifacts` beside `folder` when empty.
  std::filesystem::path artifacts;
  /// PEM, whom to trust where artifacts come from; empty: the system's.
  std::string artifact_ca;
  /// How long an artifact is kept that no module uses.
  std::chrono::seconds artifact_age{7 * 24 * 3600};
  /// Where named volumes lie; `volumes` beside `folder` when empty.
  std::filesystem::path volumes;
  /// Folders of the machine that modules may have must lie below this one;
  /// empty: none.
  std::filesystem::path shared;
  /// Makes a user for each module; null: all run as the gateway's own.
  std::shared_ptr<user_table> users;
  /// Of modules, such as `/sys/fs/cgroup/tidegate`; empty: none.
  std::filesystem::path control_group;
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

/// Works out program, user, folder, volumes and limits. `from` is what it is
/// made from, `work` the folder of the module's own files, where it runs
/// unless it says otherwise. `limits_memory`: its control group does.
launch_plan plan_launch(const module_launch& launch, const artifact& from,
                        const process_engine_options& options,
                        const std::filesystem::path& work, bool limits_memory);

} // namespace tidegate
