#include "actors/modules/command_meter.hpp"

#include <utility>

namespace tidegate {

namespace {

constexpr std::array<const char*, 5> names{"create", "prepareUpdate", "remove",
                                           "start", "stop"};

/// Null for a command that is not counted.
const char* counter_of(module_command what) {
  switch (what) {
  case module_command::start:
    return "edgeAgent_module_start_total";
  case module_command::stop:
    return "edgeAgent_module_stop_total";
  case module_command::prepare_update:
    return "edgeAgent_module_prepare_update_total";
  default:
    return nullptr;
  }
}

} // namespace

void command_meter::begin(module_command what,
                          const deployment::module_spec& of, time now) {
  begun_[static_cast<std::size_t>(what)] = now;
  const auto* counter = counter_of(what);
  if (all_ && counter)
    all_
      ->counter(counter, "Commands to the engine of modules.",
                {{"module_name", of.name},
                 {"module_version", of.version},
                 {"ms_telemetry", "True"}})
      .Increment();
}

void command_meter::end(module_command what, time now) {
  const auto which = static_cast<std::size_t>(what);
  const auto begun = std::exchange(begun_[which], std::nullopt);
  if (all_ && begun)
    all_
      ->summary("edgeAgent_command_latency_seconds",
                "Time that the engine of modules took for a command.",
                {{"command", names[which]}, {"ms_telemetry", "True"}},
                std::chrono::hours{1})
      .Observe(std::chrono::duration<double>(now - *begun).count());
}

} // namespace tidegate
