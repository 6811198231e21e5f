#pragma once

#include "messages/deployment/process_options.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace tidegate {

/// Which limits `control_groups` will be able to enforce with `folder`. Only
/// looks.
deployment::limit_support possible_limits(const std::filesystem::path& folder);

/// Control groups (version 2) for modules, below one folder of the kernel's.
class control_groups {
public:
  /// Makes `folder`, such as `/sys/fs/cgroup/tidegate`, ready. Where that is
  /// not possible nothing is supported. Empty: not even tried.
  explicit control_groups(std::filesystem::path folder);

  /// Which limits can be enforced.
  deployment::limit_support support() const { return support_; }
  bool limits_memory() const { return memory_; }

  /// The group of a module.
  std::filesystem::path folder_of(const std::string& module) const {
    return folder_ / module;
  }

  /// `FILE VALUE` for each limit that is supported.
  std::vector<std::string>
  settings(const deployment::resource_limits& limits) const;

  /// Makes the module's group if it is not there, such as after a restart of
  /// the machine, with what `settings` gave. The answer is what went wrong, or
  /// empty.
  std::string make(const std::string& module,
                   const std::vector<std::string>& settings) const;

  void remove(const std::string& module) const;

private:
  std::filesystem::path folder_;
  deployment::limit_support support_;
  bool memory_ = false;
};

} // namespace tidegate
