#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace tidegate {

/// How long a client that asked for a keep-alive of `requested` seconds may
/// stay silent: one and a half times that, but never more than `longest`,
/// which a request for none gets too (edge-hub spec 1.2).
inline std::chrono::milliseconds silence_allowed(std::uint16_t requested,
                                                 std::chrono::seconds longest) {
  const auto wanted = std::chrono::milliseconds{1500} * requested;
  return requested == 0 ? longest
                        : std::min<std::chrono::milliseconds>(wanted, longest);
}

} // namespace tidegate
