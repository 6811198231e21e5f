#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

namespace tidegate {

/// When the agent was last known to run, in the file
/// `availability/avaliability.checkpoint` (edge-agent spec 9; the spelling is
/// as given). It is there after a start only if the agent did not end in order.
class availability_checkpoint {
public:
  using time = std::chrono::sys_time<std::chrono::milliseconds>;

  /// `folder` is the node's data folder.
  explicit availability_checkpoint(const std::filesystem::path& folder)
    : file_{folder / "availability" / "avaliability.checkpoint"} {}

  /// Nothing when there is none, or it cannot be read.
  std::optional<time> load() const;
  /// What cannot be written is done without: figures are all that it costs.
  void save(time now) const;
  void remove() const;

private:
  std::filesystem::path file_;
};

} // namespace tidegate
