#include "storage/availability_checkpoint.hpp"

#include "storage/private_file.hpp"

#include <cstdint>
#include <fstream>
#include <string>

namespace tidegate {

namespace {

/// Ticks of 100 ns from the year 1 to 1970.
constexpr std::int64_t ticks_before_1970 = 621'355'968'000'000'000;
constexpr std::int64_t ticks_per_millisecond = 10'000;

} // namespace

std::optional<availability_checkpoint::time>
availability_checkpoint::load() const {
  std::ifstream in{file_};
  std::int64_t ticks = 0;
  if (!(in >> ticks) || ticks < ticks_before_1970)
    return std::nullopt;
  return time{std::chrono::milliseconds{(ticks - ticks_before_1970)
                                        / ticks_per_millisecond}};
}

void availability_checkpoint::save(time now) const {
  std::error_code ignored;
  std::filesystem::create_directories(file_.parent_path(), ignored);
  const auto ticks = now.time_since_epoch().count() * ticks_per_millisecond
                     + ticks_before_1970;
  static_cast<void>(write_private_file(file_.string(), std::to_string(ticks)));
}

void availability_checkpoint::remove() const {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

} // namespace tidegate
