#pragma once

#include <cstddef>

namespace tidegate {

/// Lets this process open as many files as the system permits it to, and
/// returns how many that is. Services are often started with 1,024, which
/// connections would use up.
std::size_t raise_file_limit();

/// Connections that each of `listeners` may have so that files are left for
/// the store, whatever the peers do; at most 10,000.
std::size_t connections_per_listener(std::size_t files, std::size_t listeners);

} // namespace tidegate
