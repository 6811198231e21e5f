#pragma once

#include <cstddef>
#include <cstdint>

namespace tidegate {

/// How many messages a route may leave with the uplink, when they have had
/// `average_size` bytes of late: at most `most`, and at most about 16 MiB
/// together, because they stay in memory.
std::uint32_t upstream_window(std::size_t average_size, std::uint32_t most);

} // namespace tidegate
