#include "runtime/engines/module_processes.hpp"

#include "actors/log.hpp"
#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/health_command.hpp"
#include "runtime/engines/health_request.hpp"
#include "runtime/engines/process_table.hpp"
#include "runtime/engines/process_usage.hpp"
#include "runtime/engines/volumes.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>
#include <cerrno>
#include <unistd.h>

namespace tidegate {

namespace {

namespace fs = std::filesystem;
using descriptor = boost::asio::posix::stream_descriptor;
using phase = state_record::phase;
using std::chrono::milliseconds;

/// How long past the grace a shim may take before it is killed itself.
constexpr milliseconds shim_slack{2'000};

/// Of the artifacts that no module uses: not while a gateway starts.
constexpr std::chrono::hours first_cleanup{1}, cleanup_period{24};

void tell(const caf::actor& whom, auto message) {
  if (whom)
    caf::anon_send(whom, std::move(message));
}

} // namespace

namespace {

/// Gives a folder and all in it to somebody; follows no link.
std::string give_away(const fs::path& folder, uid_t user, gid_t group) {
  std::vector<fs::path> all{folder};
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator{folder, failed})
    all.push_back(entry.path());
  for (auto each = all.rbegin(); each != all.rend() && !failed; ++each)
    if (::lchown(each->c_str(), user, group) != 0)
      failed = {errno, std::generic_category()};
  return failed
           ? "giving " + folder.string() + " to its user: " + failed.message()
           : std::string{};
}

process_engine_options complete(process_engine_options options) {
  const auto beside = options.folder.parent_path();
  if (options.shim.empty())
    options.shim = default_shim();
  if (options.artifacts.empty())
    options.artifacts = beside / "artifacts";
  if (options.volumes.empty())
    options.volumes = beside / "volumes";
  return options;
}

artifact_options store_options(const process_engine_options& from) {
  artifact_options options;
  options.folder = from.artifacts;
  options.programs = from.programs;
  options.ca_file = from.artifact_ca;
  options.age = from.artifact_age;
  return options;
}

} // namespace

module_processes::module_processes(boost::asio::io_context& context,
                                   process_engine_options options)
  : context_{context}, options_{complete(std::move(options))},
    groups_{options_.control_group}, artifacts_{context,
                                                store_options(options_)} {}

kept_module* module_processes::find(const std::string& name) {
  const auto found = modules_.find(name);
  return found == modules_.end() ? nullptr : &found->second;
}

void module_processes::find_all() {
  std::error_code problem;
  fs::create_directories(options_.folder, problem);
  for (const auto& entry : fs::directory_iterator{options_.folder, problem})
    find_one(entry.path());
  clean_up_after(first_cleanup);
}

void module_processes::clean_up_after(std::chrono::minutes time) {
  if (options_.artifact_age <= std::chrono::seconds{0})
    return;
  cleanup_.expires_after(time);
  cleanup_.async_wait([this](const auto& cancelled) {
    if (cancelled)
      return;
    std::set<std::string> in_use;
    for (const auto& [name, module] : modules_)
      in_use.insert(module.launch.artifact);
    artifacts_.collect(std::move(in_use));
    clean_up_after(cleanup_period);
  });
}

void module_processes::find_one(const fs::path& folder) {
  const auto name = folder.filename().string();
  auto& module = modules_.try_emplace(name, context_, folder).first->second;
  if (!load(module)) {
    // The gateway ended while it made or removed this.
    modules_.erase(name);
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    return;
  }
  // Earlier versions let everybody read there.
  std::error_code ignored;
  fs::permissions(folder / "work", fs::perms::owner_all, ignored);
  if (!module.state || module.state->now != phase::running)
    return;
  if (auto pidfd = open_process(module.state->shim)) {
    log::info(
      "modules", "a module survived the gateway",
      {{"module", name}, {"pid", std::to_string(module.state->main.pid)}});
    return hold(module, module.state->shim, std::move(pidfd));
  }
  kill_session(module.state->main);
  note_end(module, phase::running, {});
}

void module_processes::list(const caf::actor& asker) {
  engine_modules all;
  for (const auto& [name, module] : modules_)
    all.modules.push_back(record_of(module));
  tell(asker, std::move(all));
}

void module_processes::usage(const caf::actor& asker) {
  std::map<std::string, pid_t> shims;
  {
    const std::lock_guard guard{shims_mutex_};
    shims.insert(shims_.begin(), shims_.end());
  }
  tell(asker, engine_usage{read_usage(shims)});
}

void module_processes::inspect(const std::string& name,
                               const caf::actor& asker) {
  engine_modules found{name, {}};
  if (const auto* module = find(name))
    found.modules.push_back(record_of(*module));
  tell(asker, std::move(found));
}

void module_processes::prepare(const module_launch& launch,
                               const caf::actor& asker) {
  const auto& name = launch.spec.name;
  artifacts_.fetch(
    launch.spec, launch.credential,
    [this, launch, asker, name](std::string problem) {
      if (problem.empty())
        problem = plan(launch).problem;
      tell(asker, engine_done{name, std::move(problem), launch.hash});
    });
}

launch_plan module_processes::plan(const module_launch& launch) const {
  return plan_launch(launch, artifacts_.find(launch.spec), options_,
                     options_.folder / launch.spec.name / "work",
                     groups_.limits_memory());
}

void module_processes::create(const module_launch& launch,
                              const caf::actor& owner) {
  const auto& name = launch.spec.name;
  auto problem = try_create(launch);
  if (problem.empty())
    find(name)->owner = owner;
  tell(owner, engine_done{name, std::move(problem), {}});
}

std::string module_processes::try_create(const module_launch& launch) {
  const auto& name = launch.spec.name;
  if (modules_.contains(name))
    return "there is a module called " + name;
  const auto folder = options_.folder / name;
  auto plan = this->plan(launch);
  if (!plan.problem.empty())
    return plan.problem;
  auto& record = plan.record;
  record.group_settings = groups_.settings(launch.spec.process.limits);
  if (!record.group_settings.empty())
    record.control_group = groups_.folder_of(name);
  if (auto why = make_folders(record, launch.spec.process); !why.empty())
    return why;
  if (auto why = write_durably(folder / "launch", encode(record)); !why.empty())
    return why;
  artifacts_.note(record.artifact);
  auto& module = modules_.try_emplace(name, context_, folder).first->second;
  module.launch = std::move(record);
  return {};
}

/// Everything in it is there before it is given away: whoever has it may put
/// links in the way of what is made later.
std::string
module_processes::make_folders(const launch_record& launch,
                               const deployment::process_options& process) {
  const auto work = options_.folder / launch.name / "work";
  std::error_code problem;
  fs::remove_all(work, problem);
  fs::create_directories(work, problem);
  if (problem)
    return "creating " + work.string() + ": " + problem.message();
  fs::permissions(work, fs::perms::owner_all, problem);
  auto why
    = make_volumes(process.volumes, options_, work, launch.user, launch.group);
  if (why.empty() && launch.user)
    why = give_away(work, *launch.user, *launch.group);
  return why;
}

void module_processes::adopt(const std::string& name, const caf::actor& owner) {
  auto* module = find(name);
  if (!module)
    return tell(
      owner,
      module_down{name, {exit_kind::unknown, 0, "no such module"}, 0, false});
  module->owner = owner;
  tell_state(*module);
}

void module_processes::start(const std::string& name) {
  auto* module = find(name);
  if (!module)
    return;
  if (module->running())
    return tell_state(*module);
  if (module->launch.checked.empty())
    spawn(*module);
  else
    check_and_spawn(*module);
}

/// What was replaced since the module was created does not run in its place.
void module_processes::check_and_spawn(kept_module& module) {
  module.checking = ++checks_;
  artifacts_.weigh(module.launch.checked, [this, name = module.launch.name,
                                           check = module.checking](
                                            const std::string& digest) {
    boost::asio::post(context_, [this, name, check, digest] {
      auto* waiting = find(name);
      if (!waiting || waiting->checking != check)
        return; // stopped or removed meanwhile
      waiting->checking = 0;
      const auto& launch = waiting->launch;
      if ("sha256:" + digest == launch.image_hash)
        return spawn(*waiting);
      note_end(*waiting, phase::spawn_failed,
               launch.checked + " is not what settings.digest says any more");
      tell_state(*waiting);
    });
  });
}

void module_processes::spawn(kept_module& module) {
  const auto& launch = module.launch;
  spawned_shim spawned;
  if (!launch.group_settings.empty())
    spawned.problem = groups_.make(launch.name, launch.group_settings);
  if (spawned.problem.empty())
    spawned = spawn_shim(options_.shim, "run", module.folder);
  if (!spawned.problem.empty()) {
    note_end(module, phase::spawn_failed, std::move(spawned.problem));
    return tell_state(module);
  }
  module.up_told = false;
  const auto entry = find_process(spawned.pid);
  hold(module, entry ? entry->id : process_id{spawned.pid, 0},
       std::move(spawned.pidfd));
  await_ready(module, std::move(spawned.ready));
}

void module_processes::hold(kept_module& module, process_id shim,
                            unique_fd pidfd) {
  ++module.life;
  module.shim = shim;
  module.pidfd = std::move(pidfd);
  publish_shim(module.launch.name, shim.pid);
  module.ended = descriptor{context_, ::dup(module.pidfd.get())};
  module.ended.async_wait(
    descriptor::wait_read,
    [this, name = module.launch.name, life = module.life](const auto& failed) {
      auto* gone = find(name);
      if (!failed && gone && gone->life == life)
        shim_ended(*gone);
    });
}

void module_processes::await_ready(kept_module& module, unique_fd ready) {
  const auto wait = std::make_shared<descriptor>(context_, ready.release());
  wait->async_wait(
    descriptor::wait_read,
    [this, wait, name = module.launch.name, life = module.life](const auto&) {
      auto* up = find(name);
      if (up && up->life == life && up->running())
        told_ready(*up);
    });
}

/// The shim has recorded whether the module runs; or it could not, because
/// the disk is full, and then it may well run.
void module_processes::told_ready(kept_module& module) {
  refresh(module);
  if (!module.state || module.state->shim != module.shim) {
    note_end(module, phase::running, {});
    module.state->shim = module.shim;
    module.state->main = {};
    module.state->started = std::exchange(module.state->finished, 0);
  }
  if (!module.up_told && module.state->now != phase::spawn_failed)
    tell_state(module);
}

void module_processes::shim_ended(kept_module& module) {
  collect(module.pidfd);
  module.patience.cancel();
  refresh(module);
  if (!module.state || module.state->shim != module.shim) {
    note_end(module, phase::spawn_failed, "its shim ended before it ran");
  } else {
    // Told late, but the owner hears of each start.
    if (!module.up_told && module.state->now != phase::spawn_failed)
      tell_state(module);
    if (module.state->now == phase::running) {
      kill_session(module.state->main);
      note_end(module, phase::running, {});
    }
  }
  module.shim = {};
  module.pidfd = {};
  module.ended.close();
  publish_shim(module.launch.name, 0);
  if (module.removing)
    forget(module.launch.name);
  else
    tell_state(module);
}

void module_processes::stop(const std::string& name, milliseconds grace) {
  auto* module = find(name);
  if (!module)
    return;
  module->checking = 0;
  if (!module->running())
    return tell_state(*module);
  send_stop(module->pidfd, grace);
  module->patience.expires_after(grace + shim_slack);
  module->patience.async_wait(
    [this, name, life = module->life](const auto& cancelled) {
      auto* late = find(name);
      if (!cancelled && late && late->running() && late->life == life)
        kill(*late);
    });
}

void module_processes::kill(kept_module& module) {
  log::warning("modules", "a module did not end in time and is killed",
               {{"module", module.launch.name}});
  refresh(module);
  if (module.state)
    kill_session(module.state->main);
  send_kill(module.pidfd);
}

void module_processes::remove(const std::string& name,
                              const caf::actor& asker) {
  auto* module = find(name);
  if (!module)
    return tell(asker, engine_done{name, {}, {}});
  module->remover = asker ? asker : module->owner;
  module->removing = true;
  if (module->running())
    stop(name, milliseconds{0});
  else
    forget(name);
}

void module_processes::forget(std::string name) {
  const auto found = modules_.find(name);
  const auto remover = found->second.remover;
  const auto folder = found->second.folder;
  artifacts_.note(found->second.launch.artifact);
  groups_.remove(name);
  modules_.erase(found);
  // Without its launch record the rest is rubbish, also to a later gateway.
  std::error_code problem;
  fs::remove(folder / "launch", problem);
  fs::remove_all(folder, problem);
  tell(remover,
       engine_done{std::move(name), problem ? problem.message() : "", {}});
}

void module_processes::remember(const std::string& name,
                                restart_record record) {
  auto* module = find(name);
  if (!module)
    return;
  module->restarts = record;
  if (const auto problem = save_restarts(*module); !problem.empty())
    log::error("modules", "a module's restarts could not be written",
               {{"module", name}, {"why", problem}});
}

void module_processes::probe(const std::string& name,
                             const std::vector<std::string>& command,
                             milliseconds timeout, const caf::actor& asker) {
  const auto* module = find(name);
  if (!module || !module->running())
    return tell(asker, probe_done{name, false, "the module does not run"});
  auto done = [name, asker](std::string problem) {
    const auto healthy = problem.empty();
    tell(asker, probe_done{name, healthy, std::move(problem)});
  };
  if (command.front() == "HTTP" && command.size() == 2)
    run_health_request(context_, command[1], timeout, std::move(done));
  else
    run_health_command(context_, options_.shim, module->folder, command,
                       timeout, std::move(done));
}

fs::path module_processes::log_of(const std::string& name) {
  const auto* module = find(name);
  return module ? module->folder / "log" : fs::path{};
}

void module_processes::publish_shim(const std::string& name, pid_t shim) {
  const std::lock_guard guard{shims_mutex_};
  if (shim == 0)
    shims_.erase(name);
  else
    shims_[name] = shim;
}

bool module_processes::is_process_of(const std::string& name, pid_t pid) const {
  pid_t shim = 0;
  {
    const std::lock_guard guard{shims_mutex_};
    const auto found = shims_.find(name);
    if (found != shims_.end())
      shim = found->second;
  }
  return shim > 0 && pid != shim && is_below(pid, shim);
}

} // namespace tidegate
