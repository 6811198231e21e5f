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

/// `part` of the time `all`, in percent; 0 when no time has passed.
double percent_of(std::chrono::milliseconds part,
                  std::chrono::milliseconds all);

/// What a machine is doing.
struct machine_usage {
  std::chrono::seconds uptime{0};
  std::uint64_t memory_used = 0; ///< bytes that are not available
  std::uint64_t memory = 0;      ///< bytes
  processor_time processor;
  std::vector<disk_usage> disks;
};

/// What a module uses, since it was started where it adds up.
struct module_usage {
  std::string name;
  std::chrono::milliseconds processor{0};
  std::uint64_t memory = 0;       ///< bytes
  std::uint64_t memory_limit = 0; ///< bytes; 0: none of its own
  std::uint64_t processes = 0;
  std::uint64_t disk_read = 0, disk_written = 0;        ///< bytes
  std::uint64_t network_received = 0, network_sent = 0; ///< bytes
  /// Whether the engine tells its network from that of the machine.
  bool has_network = false;
};

} // namespace tidegate
