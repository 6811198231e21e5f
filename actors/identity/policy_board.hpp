#pragma once

#include "messages/iothub/access_policy.hpp"

#include <atomic>

namespace tidegate {

/// Where a hub publishes its shared access policies, and everybody who judges
/// a service reads them. Safe from any thread.
class policy_board {
public:
  access_policies current() const { return current_.load(); }
  void publish(std::vector<access_policy> all) {
    current_.store(
      std::make_shared<const std::vector<access_policy>>(std::move(all)));
  }

private:
  std::atomic<access_policies> current_{
    std::make_shared<const std::vector<access_policy>>()};
};

} // namespace tidegate
