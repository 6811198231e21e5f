#pragma once

#include "messages/deployment/manifest.hpp"

#include <cstdint>
#include <memory>
#include <mutex>

namespace tidegate {

/// A deployment in force, and the version of the desired properties it comes
/// from; 0 when it comes from a file.
struct current_deployment {
  std::shared_ptr<const deployment::manifest> manifest; ///< null: there is none
  std::int64_t version = 0;
};

/// Where the deployment in force is shown: whoever is started again reads it
/// here. Thread-safe.
class deployment_board {
public:
  current_deployment current() const {
    const std::lock_guard guard{mutex_};
    return current_;
  }

  void publish(current_deployment now) {
    const std::lock_guard guard{mutex_};
    current_ = std::move(now);
  }

private:
  mutable std::mutex mutex_;
  current_deployment current_;
};

} // namespace tidegate
