#pragma once

#include "actors/modules/module_status.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// For how long modules should have run, and did (edge-agent spec 9). What
/// happens between two looks counts as the second one finds it.
class availability {
public:
  using time = std::chrono::steady_clock::time_point;
  using seconds = std::chrono::duration<double>;

  struct account {
    seconds expected{0}, running{0};
    std::optional<time> since; ///< the last look; nothing: not expected to run
  };

  /// The agent itself should have run for `away` before it started.
  explicit availability(seconds away = seconds{0}) {
    accounts_["edgeAgent"].expected = away;
  }

  /// The modules are like this now. A module that is first seen, again after
  /// it was not to run, only starts its clock. The agent runs whenever it can
  /// look.
  void look(const std::vector<module_status>& modules, time now);

  const std::map<std::string, account>& accounts() const { return accounts_; }

private:
  std::map<std::string, account> accounts_;
};

} // namespace tidegate
