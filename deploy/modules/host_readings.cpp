#include "modules/host_readings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <sys/statvfs.h>

namespace tidegate::module {

namespace {

double rounded(double value) { return std::round(value * 100) / 100; }

std::optional<double> load_average() {
  double loads[1]{};
  if (getloadavg(loads, 1) != 1)
    return std::nullopt;
  return rounded(loads[0]);
}

std::optional<double> memory_used() {
  std::ifstream in{"/proc/meminfo"};
  std::string name, unit;
  double value = 0, total = 0, available = 0;
  while (in >> name >> value) {
    std::getline(in, unit);
    if (name == "MemTotal:")
      total = value;
    else if (name == "MemAvailable:")
      available = value;
  }
  if (total <= 0)
    return std::nullopt;
  return rounded(100 * (1 - available / total));
}

std::optional<double> disk_used() {
  struct statvfs info {};
  if (statvfs("/", &info) != 0 || info.f_blocks == 0)
    return std::nullopt;
  return rounded(100
                 * (1
                    - static_cast<double>(info.f_bavail)
                        / static_cast<double>(info.f_blocks)));
}

/// Bytes received and sent so far, on all interfaces.
std::uint64_t traffic() {
  std::ifstream in{"/proc/net/dev"};
  std::string line;
  std::uint64_t sum = 0;
  while (std::getline(in, line)) {
    const auto colon = line.find(':');
    if (colon == std::string::npos)
      continue;
    std::istringstream fields{line.substr(colon + 1)};
    std::uint64_t value = 0;
    for (int i = 0; i < 9 && fields >> value; ++i)
      sum += i == 0 || i == 8 ? value : 0;
  }
  return sum;
}

std::optional<double> temperature() {
  std::optional<double> highest;
  std::error_code failed;
  const std::filesystem::directory_iterator zones{"/sys/class/thermal", failed};
  if (failed)
    return highest;
  for (const auto& zone : zones) {
    std::ifstream in{zone.path() / "temp"};
    double thousandths = 0;
    if (in >> thousandths)
      highest = std::max(highest.value_or(-273), thousandths / 1000);
  }
  return highest;
}

} // namespace

boost::json::object host_readings::take() {
  boost::json::object out;
  const auto put = [&out](const char* name, std::optional<double> value) {
    if (value)
      out[name] = *value;
  };
  put("load", load_average());
  put("memoryPercent", memory_used());
  put("diskPercent", disk_used());
  put("temperatureCelsius", temperature());
  const auto now = std::chrono::steady_clock::now();
  const auto total = traffic();
  const std::chrono::duration<double> passed = now - last_time_;
  if (last_time_.time_since_epoch().count() != 0 && passed.count() > 0)
    out["networkBytesPerSecond"]
      = std::round(static_cast<double>(total - last_traffic_) / passed.count());
  last_traffic_ = total;
  last_time_ = now;
  return out;
}

} // namespace tidegate::module
