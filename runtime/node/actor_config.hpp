#pragma once

#include <caf/actor_system_config.hpp>
#include <cstdint>

namespace tidegate {

/// `sharing` wakes at once and does not scan queues; the number of messages an
/// actor may handle in a row keeps a busy one from holding its worker.
struct actor_config : caf::actor_system_config {
  explicit actor_config(std::int64_t threads) {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", static_cast<std::size_t>(threads));
    set("scheduler.max-throughput", std::size_t{64});
  }
};

} // namespace tidegate
