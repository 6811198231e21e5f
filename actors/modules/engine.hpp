#pragma once

#include "actors/modules/engine_messages.hpp"
#include "actors/modules/log_query.hpp"
#include "messages/deployment/module_spec.hpp"
#include "messages/deployment/registry_auth.hpp"

#include <caf/actor.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// Everything needed to run a module once.
struct module_launch {
  deployment::module_spec spec;
  /// All of it; nothing is inherited but PATH, LANG and TZ.
  std::map<std::string, std::string> env;
  /// Of the specification and the environment: a survivor with the same hash
  /// may go on as it is.
  std::string hash;
  /// For the place that the image comes from. Part of no hash.
  std::optional<deployment::registry_credential> credential;
  /// What who launches it wants to know again later. The engine keeps it with
  /// the module, for `module_record::memo`. Part of no hash.
  std::string memo;
};

/// The launch of `spec` with `env`, hashed.
module_launch make_launch(deployment::module_spec spec,
                          std::map<std::string, std::string> env);

/// Runs modules: as processes, or as containers (design, section 7). Every
/// call returns at once; results come as messages of `engine_messages.hpp`.
/// Calls for one module are worked off in the order made. Safe from any
/// thread. There is no restart: it is a stop and a start (edge-agent spec
/// 3.4).
class engine {
public:
  virtual ~engine() = default;

  /// Asks for all modules, running or not. `asker` gets `engine_modules`.
  virtual void list(caf::actor asker) = 0;

  /// Asks for one module. `asker` gets `engine_modules` with it, or without
  /// any when there is none of that name.
  virtual void inspect(std::string name, caf::actor asker) = 0;

  /// Fetches what the launch needs, as its pull policy says, and checks it
  /// against its digest. Leaves a module of that name alone, and holds up no
  /// other call. `asker` gets `engine_done`; when that names no problem,
  /// `create` has everything it needs.
  virtual void prepare(module_launch launch, caf::actor asker) = 0;

  /// Makes a module ready to start; it must not exist. `owner` gets
  /// `engine_done`, and from then on `module_up` and `module_down`.
  virtual void create(module_launch launch, caf::actor owner) = 0;

  /// Makes `owner` the owner of a module that exists, such as one that
  /// survived the gateway. It gets `module_up` if it runs, else
  /// `module_down`.
  virtual void adopt(std::string name, caf::actor owner) = 0;

  /// Starts a module that does not run. The owner gets `module_up` or
  /// `module_down`.
  virtual void start(std::string name) = 0;

  /// Asks a module to end, and kills it and all its processes after `grace`,
  /// or after the time that its own options name.
  /// The owner gets `module_down`, also when it did not run.
  virtual void stop(std::string name, std::chrono::milliseconds grace) = 0;

  /// Kills the module if it runs and forgets all about it. The owner, or
  /// `asker` if given, gets `engine_done`.
  virtual void remove(std::string name, caf::actor asker) = 0;

  /// Remembers this with the module, for later lists.
  virtual void remember(std::string name, restart_record record) = 0;

  /// Runs a command in the module's surroundings; healthy is exit code 0
  /// within `timeout`. The command `HTTP` with a URL asks for that page
  /// instead; healthy is an answer from 200 to 399. `asker` gets
  /// `probe_done`.
  virtual void probe(std::string name, std::vector<std::string> command,
                     std::chrono::milliseconds timeout, caf::actor asker)
    = 0;

  /// Asks what running modules use. `asker` gets `engine_usage`.
  virtual void usage(caf::actor asker) = 0;

  /// Reads a module's log into `sink`, oldest line first.
  virtual void logs(std::string name, log_query query,
                    std::shared_ptr<log_sink> sink)
    = 0;
};

} // namespace tidegate
