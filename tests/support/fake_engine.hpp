#pragma once

#include "actors/modules/engine.hpp"
#include "actors/modules/module_host.hpp"

#include <caf/send.hpp>
#include <map>
#include <string>
#include <vector>

namespace tidegate {

/// An engine whose modules run as long as the test wants. Writes down what it
/// was asked to do.
class fake_engine : public engine {
public:
  std::vector<std::string> asked;
  std::map<std::string, module_record> modules;
  std::map<std::string, caf::actor> owners;
  /// Starting this one fails.
  std::string broken;
  /// Fetching this one fails.
  std::string missing;
  /// Fetching this one never ends.
  std::string slow_fetch;
  /// The last fetch was allowed to use the network.
  bool pulled = false;
  /// Creating this one fails.
  std::string refused;
  bool healthy = true;
  /// Stops are not answered until `ended` is called.
  bool slow_stop = false;
  wall_milliseconds now = 1'000'000;
  std::vector<module_usage> used;

  void list(caf::actor asker) override {
    engine_modules all;
    for (const auto& [name, record] : modules)
      all.modules.push_back(record);
    caf::anon_send(asker, all);
  }
  void inspect(std::string name, caf::actor asker) override {
    engine_modules found{name, {}};
    if (modules.contains(name))
      found.modules.push_back(modules.at(name));
    caf::anon_send(asker, found);
  }
  void prepare(module_launch launch, caf::actor asker) override {
    const auto& name = launch.spec.name;
    asked.push_back("prepare " + name);
    pulled = launch.spec.pull;
    const auto failed = name == missing ? missing + " cannot be fetched" : "";
    if (slow_fetch != name)
      caf::anon_send(asker, engine_done{name, failed, launch.hash});
  }
  void create(module_launch launch, caf::actor owner) override {
    const auto& name = launch.spec.name;
    asked.push_back("create " + name);
    if (name == refused || modules.contains(name))
      return caf::anon_send(owner, engine_done{name, "refused", {}});
    owners[name] = owner;
    modules[name].name = name;
    modules[name].hash = launch.hash;
    modules[name].memo = launch.memo;
    launches[name] = launch;
    caf::anon_send(owner, engine_done{name, {}, {}});
  }
  void adopt(std::string name, caf::actor owner) override {
    asked.push_back("adopt " + name);
    owners[name] = owner;
    if (!modules.contains(name))
      return caf::anon_send(
        owner, module_down{name, {exit_kind::unknown, 0, {}}, 0, false});
    const auto& record = modules.at(name);
    if (record.running)
      caf::anon_send(owner, module_up{name, record.pid, record.started, {}});
    else
      caf::anon_send(owner, module_down{name,
                                        record.ended.value_or(exit_cause{
                                          exit_kind::stopped, 0, {}}),
                                        record.finished, record.dead});
  }
  void start(std::string name) override {
    asked.push_back("start " + name);
    if (!modules.contains(name))
      return;
    if (name == broken)
      return ended(name, {exit_kind::spawn_failed, 127, "no such program"});
    auto& record = modules.at(name);
    record.running = true;
    record.pid = ++last_pid;
    record.started = now;
    caf::anon_send(owners.at(name), module_up{name, record.pid, now, {}});
  }
  void stop(std::string name, std::chrono::milliseconds) override {
    asked.push_back("stop " + name);
    if (!slow_stop && modules.contains(name))
      ended(name, {exit_kind::stopped, 0, {}});
  }
  void remove(std::string name, caf::actor asker) override {
    asked.push_back("remove " + name);
    modules.erase(name);
    if (asker)
      caf::anon_send(asker, engine_done{name, {}, {}});
  }
  void remember(std::string name, restart_record record) override {
    if (modules.contains(name))
      modules.at(name).restarts = record;
  }
  void probe(std::string name, std::vector<std::string>,
             std::chrono::milliseconds, caf::actor asker) override {
    asked.push_back("probe " + name);
    caf::anon_send(asker, probe_done{name, healthy, "sick"});
  }
  void usage(caf::actor asker) override {
    caf::anon_send(asker, engine_usage{used});
  }
  void logs(std::string, log_query, std::shared_ptr<log_sink> sink) override {
    sink->end({});
  }

  /// The module ends like this.
  void ended(const std::string& name, exit_cause cause) {
    auto& record = modules.at(name);
    record.running = false;
    record.ended = cause;
    record.finished = now;
    caf::anon_send(owners.at(name), module_down{name, cause, now, false});
  }

  std::map<std::string, module_launch> launches;
  std::int64_t last_pid = 100;
};

/// Prepares every module at once, unless `problem` says why not.
class fake_host : public module_host {
public:
  std::string problem;
  std::vector<std::string> released;

  void prepare(const deployment::module_spec& spec, caf::actor asker) override {
    deployment::module_surroundings surroundings;
    surroundings.device_id = "gw1";
    caf::anon_send(asker, module_prepared{spec.name, surroundings, problem});
  }
  void release(const std::string& name) override { released.push_back(name); }
};

} // namespace tidegate
