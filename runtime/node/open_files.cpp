#include "runtime/node/open_files.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace tidegate {

namespace {

/// Kept for the store, its log, modules and operators.
constexpr std::size_t reserve = 512;
constexpr std::size_t most_connections = 10'000;
/// With fewer files than that a node is not usable anyway.
constexpr std::size_t least_connections = 16;
/// More than this is as good as no limit.
constexpr rlim_t enough = 1u << 20;

} // namespace

std::size_t raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 1024;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, enough));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(std::min(limit.rlim_cur, enough));
}

std::size_t connections_per_listener(std::size_t files, std::size_t listeners) {
  const auto free = files - std::min(files, reserve);
  return std::clamp(free / std::max<std::size_t>(listeners, 1),
                    least_connections, most_connections);
}

} // namespace tidegate
