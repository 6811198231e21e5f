#include "runtime/host/clocks.hpp"

#include <ctime>
#include <fstream>

namespace tidegate {

namespace {

std::chrono::milliseconds since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::floor<std::chrono::milliseconds>(
    std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec});
}

std::string this_boot() {
  std::string id;
  std::ifstream{"/proc/sys/kernel/random/boot_id"} >> id;
  return id;
}

} // namespace

machine_clocks system_clocks() {
  return {[] {
            return std::chrono::floor<std::chrono::milliseconds>(
              std::chrono::system_clock::now());
          },
          since_boot, this_boot()};
}

} // namespace tidegate
