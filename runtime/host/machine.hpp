#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tidegate {

/// What a machine is; an empty text is not known.
struct machine_facts {
  std::string kernel, kernel_version, architecture;
  std::string system, system_version; ///< `debian`, `12`
  std::string vendor, product;
  unsigned cpus = 0;
  std::uint64_t memory = 0; ///< bytes
  bool is_virtual = false;
};

/// A file system of the machine that lies on a device.
struct disk_usage {
  std::string device, folder, type;
  std::uint64_t total = 0;     ///< bytes
  std::uint64_t available = 0; ///< bytes, to everybody
};

/// Time of all processors together since the machine was started.
struct processor_time {
  std::chrono::milliseconds busy{0};
  std::chrono::milliseconds all{0};
};

/// What a machine is doing.
struct machine_usage {
  std::chrono::seconds uptime{0};
  std::uint64_t memory_used = 0; ///< bytes that are not available
  std::uint64_t memory = 0;      ///< bytes
  processor_time processor;
};

/// Read from `/proc`, `/sys` and `/etc`; takes well under a millisecond. What
/// cannot be read is left out.
machine_facts read_machine_facts();
machine_usage read_machine_usage();
std::vector<disk_usage> read_disks();

/// Of the processors' time between the two, how much they worked, in percent.
double busy_percent(const processor_time& from, const processor_time& to);

} // namespace tidegate
