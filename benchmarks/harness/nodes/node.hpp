#pragma once

#include "benchmarks/harness/load/event_loop.hpp"
#include "benchmarks/harness/nodes/child_process.hpp"
#include "benchmarks/harness/nodes/machine.hpp"
#include "benchmarks/harness/nodes/management.hpp"
#include "benchmarks/harness/nodes/node_settings.hpp"

namespace tidegate::harness {

/// One Tidegate process of the harness and its folder, which outlives the
/// process: it may be killed and started again.
class node {
public:
  node(std::filesystem::path program, node_settings settings);

  const node_settings& settings() const { return settings_; }
  std::filesystem::path config_file() const;
  std::filesystem::path log_file() const;
  management calls() const;

  /// Writes the configuration file and starts the process. An error text, or
  /// empty.
  std::string start();

  /// Waits, with the loop running, until the node answers its operators. An
  /// error text, with where to look, or empty.
  std::string await_ready(event_loop& loop);

  /// SIGKILL.
  void kill() { process_.kill(); }
  /// In order; false when it had to be killed.
  bool end();

  /// What the node believes to run on; only with `settings().machine_library`.
  machine& on() { return machine_; }

  bool running() { return process_.running(); }
  pid_t pid() const { return process_.pid(); }

  /// The arguments of a command of the same program about this node.
  std::vector<std::string>
  command(std::initializer_list<std::string> words) const;

private:
  std::filesystem::path program_;
  node_settings settings_;
  machine machine_;
  child_process process_;
};

/// The program this code runs in.
std::filesystem::path own_program();

} // namespace tidegate::harness
