#include "runtime/engines/docker/container_usage.hpp"

#include "runtime/engines/docker/json_access.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace tidegate::docker {

namespace {

using boost::json::value;

std::uint64_t count_at(const value& in, std::string_view pointer) {
  return static_cast<std::uint64_t>(
    std::max<std::int64_t>(number_at(in, pointer), 0));
}

/// Memory without what the system would give back at once; groups of the
/// second version and the first name that differently.
std::uint64_t memory_in(const value& from) {
  const auto all = count_at(from, "/memory_stats/usage");
  for (const auto* name : {"inactive_file", "total_inactive_file", "cache"}) {
    const auto pointer = std::string{"/memory_stats/stats/"} + name;
    if (look_up(from, pointer))
      return all - std::min(all, count_at(from, pointer));
  }
  return all;
}

void read_disk(const value& from, module_usage& into) {
  const auto* found = look_up(from, "/blkio_stats/io_service_bytes_recursive");
  const auto* all = found ? found->if_array() : nullptr;
  if (!all)
    return;
  for (const auto& one : *all) {
    const auto what = text_at(one, "/op");
    if (what == "Read" || what == "read")
      into.disk_read += count_at(one, "/value");
    else if (what == "Write" || what == "write")
      into.disk_written += count_at(one, "/value");
  }
}

void read_network(const value& from, module_usage& into) {
  const auto* found = look_up(from, "/networks");
  const auto* all = found ? found->if_object() : nullptr;
  if (!all)
    return;
  into.has_network = true;
  for (const auto& one : *all) {
    into.network_received += count_at(one.value(), "/rx_bytes");
    into.network_sent += count_at(one.value(), "/tx_bytes");
  }
}

} // namespace

module_usage read_container_usage(const std::string& name, const value& from,
                                  std::uint64_t machine_memory) {
  module_usage used;
  used.name = name;
  used.processor = std::chrono::duration_cast<std::chrono::milliseconds>(
    std::chrono::nanoseconds{
      number_at(from, "/cpu_stats/cpu_usage/total_usage")});
  used.memory = memory_in(from);
  const auto limit = count_at(from, "/memory_stats/limit");
  used.memory_limit = limit < machine_memory ? limit : 0;
  used.processes = count_at(from, "/pids_stats/current");
  read_disk(from, used);
  read_network(from, used);
  return used;
}

} // namespace tidegate::docker
