#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>

namespace tidegate::module {

/// Readings of this machine: load average, memory and disk in percent used,
/// network traffic in bytes per second since the last call, and the highest
/// temperature in degrees Celsius where there is a sensor.
class host_readings {
public:
  boost::json::object take();

private:
  std::uint64_t last_traffic_ = 0;
  std::chrono::steady_clock::time_point last_time_{};
};

} // namespace tidegate::module
