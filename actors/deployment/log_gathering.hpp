#pragma once

#include "actors/deployment/agent_methods.hpp"

/// How `agent_methods` reads the logs of some modules. Used by its sources
/// alone.
namespace tidegate::log_gathering {

using self_pointer = caf::stateful_actor<agent_methods_state>*;
using gathered_log = agent_methods_state::gathered_log;
using gathered_logs = agent_methods_state::gathered_logs;

/// Reads the logs of the modules that `items` select, of all at most `limit`
/// bytes, the last ones of each, and calls `then` with the wanted lines.
/// `failed` when it is not known which modules there are, or too many calls
/// read logs.
void gather(self_pointer self, std::vector<deployment::log_item> items,
            std::size_t limit, std::function<void(gathered_logs)> then,
            std::function<void(const std::string&)> failed);

/// A log has been read.
void collected(self_pointer self, const log_collected& log);

} // namespace tidegate::log_gathering
