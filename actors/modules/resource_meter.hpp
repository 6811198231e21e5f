#pragma once

#include "actors/metrics.hpp"
#include "actors/modules/engine.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace tidegate {

struct resource_meter_context {
  std::shared_ptr<tidegate::engine> engine;
  std::shared_ptr<metrics> meters;
  machine_facts machine;
  /// What the machine is doing now; returns at once.
  std::function<machine_usage()> look;
  std::string version; ///< of the program
  std::chrono::milliseconds first{60'000};
  std::chrono::milliseconds period{300'000};
};

struct resource_meter_state {
  static inline const char* name = "resource_meter";

  resource_meter_context context;
  std::chrono::steady_clock::time_point up_since;
  processor_time machine_before;
  /// Processor time of each module the last time, for what it used since.
  std::map<std::string, std::chrono::milliseconds> before;
};

/// Keeps the metrics of what the machine and its modules use (edge-agent spec
/// 9): looks every now and then and asks the engine.
caf::behavior resource_meter(caf::stateful_actor<resource_meter_state>* self,
                             resource_meter_context context);

} // namespace tidegate
