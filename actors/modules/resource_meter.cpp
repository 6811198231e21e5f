#include "actors/modules/resource_meter.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

namespace tidegate {

namespace {

struct look_now {};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::look_now)

namespace tidegate {

namespace {

using self_pointer = caf::stateful_actor<resource_meter_state>*;
using std::chrono::milliseconds;

constexpr auto whole_machine = "host";
constexpr auto usage_window = std::chrono::hours{1};

class meter {
public:
  explicit meter(metrics& all) : all_{all} {}

  void set(const char* name, const char* help, auto value,
           prometheus::Labels labels = {}) {
    labels.emplace("ms_telemetry", "True");
    all_.gauge(name, help, labels).Set(static_cast<double>(value));
  }

  void memory(const std::string& module, std::uint64_t used,
              std::uint64_t total) {
    set("edgeAgent_used_memory_bytes", "Memory in use.", used,
        {{"module_name", module}});
    set("edgeAgent_total_memory_bytes", "Memory that may be used.", total,
        {{"module_name", module}});
  }

  /// What is no share of anything, because a clock or a counter was set back,
  /// is left out (edge-agent spec 9).
  void processor(const std::string& module, milliseconds used,
                 milliseconds all) {
    const auto share = percent_of(used, all);
    if (all.count() <= 0 || share < 0 || share >= 100)
      return;
    all_
      .summary("edgeAgent_used_cpu_percent", "Processor time used, of all.",
               {{"module_name", module}, {"ms_telemetry", "True"}},
               usage_window)
      .Observe(share);
  }

private:
  metrics& all_;
};

void meter_module(meter& to, const module_usage& of,
                  std::uint64_t machine_memory) {
  const prometheus::Labels labels{{"module_name", of.name}};
  to.memory(of.name, of.memory,
            of.memory_limit == 0 ? machine_memory : of.memory_limit);
  to.set("edgeAgent_created_pids_total", "Processes that run.", of.processes,
         labels);
  to.set("edgeAgent_total_disk_read_bytes", "Bytes read from disks.",
         of.disk_read, labels);
  to.set("edgeAgent_total_disk_write_bytes", "Bytes written to disks.",
         of.disk_written, labels);
  if (!of.has_network)
    return;
  to.set("edgeAgent_total_network_in_bytes", "Bytes received.",
         of.network_received, labels);
  to.set("edgeAgent_total_network_out_bytes", "Bytes sent.", of.network_sent,
         labels);
}

void meter_machine(self_pointer self, meter& to, const machine_usage& of) {
  const auto& state = self->state;
  to.memory(whole_machine, of.memory_used, of.memory);
  to.processor(whole_machine, of.processor.busy - state.machine_before.busy,
               of.processor.all - state.machine_before.all);
  to.set("edgeAgent_host_uptime_seconds", "Time since the machine started.",
         of.uptime.count());
  const auto up = self->clock().now() - state.up_since;
  to.set("edgeAgent_iotedged_uptime_seconds", "Time since the gateway started.",
         std::chrono::duration_cast<std::chrono::seconds>(up).count());
  for (const auto& disk : of.disks) {
    const prometheus::Labels labels{{"disk_name", disk.device},
                                    {"disk_filesystem", disk.type},
                                    {"disk_filetype", "Unknown"}};
    to.set("edgeAgent_available_disk_space_bytes",
           "Room left on a file system.", disk.available, labels);
    to.set("edgeAgent_total_disk_space_bytes", "Room of a file system.",
           disk.total, labels);
  }
}

void used(self_pointer self, const engine_usage& answer) {
  auto& state = self->state;
  meter to{*state.context.meters};
  const auto machine = state.context.look();
  meter_machine(self, to, machine);
  const auto passed = machine.processor.all - state.machine_before.all;
  std::map<std::string, milliseconds> now;
  for (const auto& one : answer.modules) {
    meter_module(to, one, machine.memory);
    now[one.name] = one.processor;
    if (const auto known = state.before.find(one.name);
        known != state.before.end())
      to.processor(one.name, one.processor - known->second, passed);
    state.before.erase(one.name);
  }
  // What does not run any more uses nothing.
  for (const auto& [gone, ignored] : state.before) {
    module_usage nothing;
    nothing.name = gone;
    meter_module(to, nothing, machine.memory);
  }
  state.before = std::move(now);
  state.machine_before = machine.processor;
}

void tell_versions(const resource_meter_context& of) {
  const boost::json::object host{
    {"OperatingSystemType", "linux"},
    {"Architecture", of.machine.architecture},
    {"OperatingSystem", of.machine.system},
    {"OperatingSystemVersion", of.machine.system_version},
    {"Kernel", of.machine.kernel},
    {"Virtualized", of.machine.is_virtual ? "yes" : "no"},
    {"NumCpus", of.machine.cpus}};
  meter{*of.meters}.set("edgeAgent_metadata", "What runs here, as labels.", 0,
                        {{"edge_agent_version", of.version},
                         {"experimental_features", "{}"},
                         {"host_information", boost::json::serialize(host)}});
}

} // namespace

caf::behavior resource_meter(self_pointer self,
                             resource_meter_context context) {
  auto& state = self->state;
  state.context = std::move(context);
  state.up_since = self->clock().now();
  state.machine_before = state.context.look().processor;
  tell_versions(state.context);
  self->delayed_send(self, state.context.first, look_now{});
  return {
    [self](look_now) {
      auto& context_of = self->state.context;
      context_of.engine->usage(caf::actor{self});
      self->delayed_send(self, context_of.period, look_now{});
    },
    [self](const engine_usage& answer) { used(self, answer); },
  };
}

} // namespace tidegate
