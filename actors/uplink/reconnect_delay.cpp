#include "actors/uplink/reconnect_delay.hpp"

#include <algorithm>

namespace tidegate {

std::chrono::milliseconds reconnect_delay(const reconnect_policy& policy,
                                          unsigned failures, double random) {
  if (failures == 0)
    return std::chrono::milliseconds{0};
  auto ceiling = policy.first;
  for (unsigned i = 1; i < failures && ceiling < policy.longest; ++i)
    ceiling *= 2;
  ceiling = std::min(ceiling, policy.longest);
  return std::chrono::milliseconds{
    static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * random)};
}

} // namespace tidegate
