#pragma once

#include "runtime/engines/docker/docker_options.hpp"
#include "runtime/engines/module_engine.hpp"

#include <memory>

namespace tidegate {

/// Runs modules as containers (edge-agent spec 5), over the Engine API. The
/// engine keeps containers, images and logs; a container outlives the
/// gateway, and a later gateway finds it by its labels. What happens to a
/// container is heard of from the engine's events, at once; when the engine
/// was away everything is looked at again.
///
/// Works on a thread of its own.
class docker_engine : public module_engine {
public:
  explicit docker_engine(docker_engine_options options);

  /// Leaves running containers as they are.
  ~docker_engine() override;

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

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace tidegate
