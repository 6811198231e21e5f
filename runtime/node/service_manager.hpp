#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tidegate {

/// Tells the service manager that started this process (sd_notify(3)), such as
/// `READY=1`. Does nothing without one.
void tell_service_manager(std::string_view state);

/// How often the service manager wants to hear `WATCHDOG=1`; nothing when it
/// does not watch this process.
std::optional<std::chrono::microseconds> watchdog_period();

} // namespace tidegate
