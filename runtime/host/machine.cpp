#include "runtime/host/machine.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <mntent.h>
#include <set>
#include <sstream>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <thread>
#include <unistd.h>

namespace tidegate {

namespace {

std::string first_line(const char* file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  return line;
}

/// `NAME="value"` lines.
std::map<std::string, std::string> assignments(const char* file) {
  std::map<std::string, std::string> found;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    const auto middle = line.find('=');
    if (middle == std::string::npos)
      continue;
    auto value = line.substr(middle + 1);
    value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
    found[line.substr(0, middle)] = value;
  }
  return found;
}

/// `/proc/meminfo`, in bytes.
std::map<std::string, std::uint64_t> memory_info() {
  std::map<std::string, std::uint64_t> found;
  std::ifstream in{"/proc/meminfo"};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    std::string name;
    std::uint64_t kilobytes = 0;
    if (words >> name >> kilobytes)
      found[name] = kilobytes * 1024;
  }
  return found;
}

/// The kernel tells a guest by a flag of its processor.
bool has_hypervisor() {
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("flags"))
      return line.find(" hypervisor") != std::string::npos;
  return false;
}

processor_time read_processor_time() {
  std::istringstream words{first_line("/proc/stat")};
  std::string name;
  words >> name;
  const auto second = std::max(::sysconf(_SC_CLK_TCK), 1L);
  std::int64_t all = 0;
  std::int64_t idle = 0;
  // user nice system idle iowait irq softirq steal; guests are in user.
  std::int64_t ticks = 0;
  for (int i = 0; i < 8 && words >> ticks; ++i) {
    all += ticks;
    if (i == 3 || i == 4)
      idle += ticks;
  }
  const auto time = [&](std::int64_t of) {
    return std::chrono::milliseconds{of * 1000 / second};
  };
  return {time(all - idle), time(all)};
}

std::vector<disk_usage> read_disks() {
  std::vector<disk_usage> disks;
  auto* const mounts = ::setmntent("/proc/self/mounts", "r");
  if (!mounts)
    return disks;
  std::set<std::string> seen;
  mntent one{};
  std::array<char, 4096> text{};
  while (::getmntent_r(mounts, &one, text.data(), text.size())) {
    struct statvfs found {};
    if (!std::string_view{one.mnt_fsname}.starts_with("/dev/")
        || !seen.insert(one.mnt_fsname).second
        || ::statvfs(one.mnt_dir, &found) != 0)
      continue;
    disks.push_back({one.mnt_fsname, one.mnt_dir, one.mnt_type,
                     std::uint64_t{found.f_blocks} * found.f_frsize,
                     std::uint64_t{found.f_bavail} * found.f_frsize});
  }
  ::endmntent(mounts);
  return disks;
}

} // namespace

machine_facts read_machine_facts() {
  machine_facts facts;
  utsname names{};
  if (::uname(&names) == 0) {
    facts.kernel = names.release;
    facts.kernel_version = names.version;
    facts.architecture = names.machine;
  }
  auto release = assignments("/etc/os-release");
  facts.system = release["ID"];
  facts.system_version = release["VERSION_ID"];
  facts.vendor = first_line("/sys/class/dmi/id/sys_vendor");
  facts.product = first_line("/sys/class/dmi/id/product_name");
  facts.cpus = std::thread::hardware_concurrency();
  facts.memory = memory_info()["MemTotal:"];
  facts.is_virtual = has_hypervisor();
  return facts;
}

machine_usage read_machine_usage() {
  machine_usage usage;
  double uptime = 0;
  std::istringstream{first_line("/proc/uptime")} >> uptime;
  usage.uptime = std::chrono::seconds{static_cast<std::int64_t>(uptime)};
  auto memory = memory_info();
  usage.memory = memory["MemTotal:"];
  usage.memory_used
    = usage.memory - std::min(usage.memory, memory["MemAvailable:"]);
  usage.processor = read_processor_time();
  usage.disks = read_disks();
  return usage;
}

} // namespace tidegate
