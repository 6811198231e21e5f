#pragma once

#include "actors/modules/engine.hpp"
#include "runtime/engines/control_group.hpp"
#include "runtime/engines/kept_module.hpp"
#include "runtime/engines/launch_plan.hpp"

#include <mutex>
#include <unordered_map>

namespace tidegate {

/// What the process engine does, on the thread of one loop; the calls are
/// those of `engine`.
class module_processes {
public:
  /// `context` must outlive the object, and run nothing of it afterwards.
  module_processes(boost::asio::io_context& context,
                   process_engine_options options);

  /// Finds what earlier gateways have left; before any other call.
  void find_all();

  void list(const caf::actor& asker);
  void inspect(const std::string& name, const caf::actor& asker);
  void prepare(const module_launch& launch, const caf::actor& asker);
  void create(const module_launch& launch, const caf::actor& owner);
  void adopt(const std::string& name, const caf::actor& owner);
  void start(const std::string& name);
  void stop(const std::string& name, std::chrono::milliseconds grace);
  void remove(const std::string& name, const caf::actor& asker);
  void remember(const std::string& name, restart_record record);
  void probe(const std::string& name, const std::vector<std::string>& command,
             std::chrono::milliseconds timeout, const caf::actor& asker);
  void usage(const caf::actor& asker);

  /// Which limits of a module as a whole can be enforced. Any thread.
  deployment::limit_support support() const { return groups_.support(); }

  /// Where the module's log is; empty when there is no such module.
  std::filesystem::path log_of(const std::string& name);

  /// Any thread.
  bool is_process_of(const std::string& name, pid_t pid) const;

private:
  kept_module* find(const std::string& name);
  std::string try_create(const module_launch& launch);
  std::string make_folders(const launch_record& launch,
                           const deployment::process_options& process);
  launch_plan plan(const module_launch& launch) const;
  /// Has the store remove what is not used, now and then.
  void clean_up_after(std::chrono::minutes time);
  void spawn(kept_module& module);
  void check_and_spawn(kept_module& module);
  void find_one(const std::filesystem::path& folder);
  /// From here on the module runs, until its shim ends.
  void hold(kept_module& module, process_id shim, unique_fd pidfd);
  void await_ready(kept_module& module, unique_fd ready);
  void told_ready(kept_module& module);
  void shim_ended(kept_module& module);
  void kill(kept_module& module);
  /// By value: the name may live in what is forgotten.
  void forget(std::string name);
  void publish_shim(const std::string& name, pid_t shim);

  boost::asio::io_context& context_;
  process_engine_options options_;
  control_groups groups_;
  artifact_store artifacts_;
  boost::asio::steady_timer cleanup_{context_};
  std::unordered_map<std::string, kept_module> modules_;
  std::uint64_t checks_ = 0; ///< begun
  mutable std::mutex shims_mutex_;
  std::unordered_map<std::string, pid_t> shims_;
};

} // namespace tidegate
