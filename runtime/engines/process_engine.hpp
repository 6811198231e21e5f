#pragma once

#include "runtime/engines/launch_plan.hpp"
#include "runtime/engines/module_engine.hpp"

#include <memory>
#include <sys/types.h>

namespace tidegate {

/// Runs modules as processes (edge-agent spec 14). Between the gateway and
/// each module stands a small process of its own, the shim: it owns the log
/// pipes and waits for the module, so that a gateway that is killed takes
/// neither the module nor a log line nor an exit code with it. A later
/// gateway finds the module again by the shim's process number, start time
/// and boot, and by the hash of its launch.
///
/// Works on two threads of its own: one for processes and small files, one
/// for reading logs.
class process_engine : public module_engine {
public:
  /// Finds what is left of earlier gateways in `options.folder`.
  explicit process_engine(process_engine_options options);

  /// Leaves running modules as they are.
  ~process_engine() override;

  void list(caf::actor asker) override;
  void inspect(std::string name, caf::actor asker) override;
  void prepare(module_launch launch, caf::actor asker) override;
  void create(module_launch launch, caf::actor owner) override;
  void adopt(std::string name, caf::actor owner) override;
  void start(std::string name) override;
  void stop(std::string name, std::chrono::milliseconds grace) override;
  void remove(std::string name, caf::actor asker) override;
  void remember(std::string name, restart_record record) override;
  void probe(std::string name, std::vector<std::string> command,
             std::chrono::milliseconds timeout, caf::actor asker) override;
  void usage(caf::actor asker) override;
  void logs(std::string name, log_query query,
            std::shared_ptr<log_sink> sink) override;

  bool is_process_of(const std::string& name, pid_t pid) const override;

  /// Which limits of a module as a whole can be enforced here. Any thread.
  deployment::limit_support support() const;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace tidegate
