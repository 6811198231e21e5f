#include "runtime/api/machine_document.hpp"

#include <boost/json/array.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;

void add_known(json::object& to, const char* key, const std::string& value) {
  if (!value.empty())
    to[key] = value;
}

} // namespace

json::object machine_document(const machine_facts& of) {
  json::object made{{"osType", "linux"},
                    {"architecture", of.architecture},
                    {"version", TIDEGATE_VERSION},
                    {"cpus", of.cpus},
                    {"virtualized", of.is_virtual ? "yes" : "no"},
                    {"provisioning",
                     {{"type", "manual"},
                      {"dynamicReprovisioning", false},
                      {"alwaysReprovisionOnStartup", false}}},
                    {"server_version", TIDEGATE_VERSION}};
  add_known(made, "kernel_release", of.kernel);
  add_known(made, "kernel_version", of.kernel_version);
  add_known(made, "operating_system", of.system);
  add_known(made, "operating_system_version", of.system_version);
  add_known(made, "product_name", of.product);
  add_known(made, "system_vendor", of.vendor);
  if (of.memory > 0)
    made["total_memory"] = of.memory;
  return made;
}

json::object machine_usage_document(const machine_usage& of,
                                    std::chrono::seconds uptime) {
  json::array all;
  for (const auto& one : of.disks)
    all.emplace_back(json::object{{"name", one.device},
                                  {"available_space", one.available},
                                  {"total_space", one.total},
                                  {"file_system", one.type},
                                  {"file_type", "Unknown"}});
  return {{"host_uptime", of.uptime.count()},
          {"process_uptime", uptime.count()},
          {"used_cpu", percent_of(of.processor.busy, of.processor.all)},
          {"used_ram", of.memory_used},
          {"total_ram", of.memory},
          {"disks", std::move(all)},
          {"docker_stats", "[]"}};
}

} // namespace tidegate
