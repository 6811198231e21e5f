#pragma once

#include "actors/deployment/agent_tasks.hpp"
#include "actors/deployment/blob_client.hpp"
#include "actors/deployment/log_collector.hpp"
#include "actors/metrics.hpp"
#include "actors/modules/engine.hpp"
#include "actors/modules/module_status.hpp"
#include "messages/block.hpp"
#include "messages/deployment/agent_call.hpp"
#include "messages/method_messages.hpp"
#include "messages/routing/guid_source.hpp"

#include <caf/stateful_actor.hpp>
#include <functional>
#include <map>
#include <memory>

namespace tidegate {

struct agent_methods_context {
  identity_id own; ///< the node's `$edgeAgent` module
  methods_actor methods;
  /// The supervisor that knows the child `modules`.
  caf::actor_addr supervisor;
  std::shared_ptr<tidegate::engine> engine;
  std::shared_ptr<blob_client> blobs;
  std::string hub;         ///< its name, in records and names of blobs
  std::string parent_host; ///< stands for `$upstream`
  std::string version;     ///< of the program
  std::function<wall_time()> now;
  std::shared_ptr<metrics> meters;
  std::uint64_t seed = 0; ///< of correlation ids; a random number
};

/// Payload bytes that `GetModuleLogs` may answer with.
inline constexpr std::size_t largest_log_answer = 127'000;

/// Bytes of logs that are looked at for such an answer, and for an upload;
/// each module has its share of them, and older lines are left out.
inline constexpr std::size_t longest_log_read = std::size_t{16} << 20;
inline constexpr std::size_t longest_log_upload = std::size_t{64} << 20;

/// Calls that read logs at the same time.
inline constexpr std::size_t most_log_calls = 8;

struct agent_methods_state {
  static inline const char* name = "agent_methods";

  /// The log of a module as it is wanted.
  struct gathered_log {
    deployment::log_filter filter;
    module_status status;
    std::vector<deployment::module_line> lines;
    std::string problem;
  };
  using gathered_logs = std::map<std::string, gathered_log>;

  /// Logs that are being read.
  struct gathering {
    std::size_t missing = 0;
    gathered_logs logs;
    std::function<void(gathered_logs)> then;
  };

  agent_methods_context context;
  agent_tasks tasks;
  routing::guid_source guids{0};
  std::map<std::uint64_t, gathering> gatherings; ///< by ticket
  std::uint64_t ticket = 0;
};

/// Answers the direct methods of the node's `$edgeAgent` (edge-agent spec 7),
/// and `make_support_bundle`.
/// Compresses logs, so it has a thread of its own (spawn detached).
caf::behavior agent_methods(caf::stateful_actor<agent_methods_state>* self,
                            agent_methods_context context);

} // namespace tidegate
