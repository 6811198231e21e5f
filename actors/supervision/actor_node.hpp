#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// One actor in the live tree that `tidegate tree` prints.
struct actor_node {
  std::string name;
  /// `running`, `backoff`, `unhealthy`, `finished`, `stopped`, `failed`, or
  /// `no answer` when it did not answer in time.
  std::string state = "running";
  unsigned restarts = 0;
  /// Messages waiting; only the actor itself can tell.
  std::optional<std::size_t> mailbox;
  std::chrono::milliseconds uptime{0};
  /// Why it ended last; empty when it never did.
  std::string last_cause;
  /// What the actor says about itself.
  std::string detail;
  std::vector<actor_node> children;
};

} // namespace tidegate
