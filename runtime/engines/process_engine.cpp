#include "runtime/engines/process_engine.hpp"

#include "actors/log.hpp"
#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/log_reader.hpp"
#include "runtime/engines/process_table.hpp"
#include "runtime/engines/shim_process.hpp"
#include "runtime/net/io_loop.hpp"

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/send.hpp>
#include <csignal>
#include <mutex>
#include <unistd.h>
#include <unordered_map>

namespace tidegate {

namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
using descriptor = asio::posix::stream_descriptor;
using std::chrono::milliseconds;

/// How long past the grace a shim may take before it is killed itself.
constexpr milliseconds shim_slack{2'000};

/// What a shim notes of a module that ended because it was told to.
constexpr auto stopped = "stopped";

exit_cause cause_of(const state_record& state) {
  using phase = state_record::phase;
  switch (state.now) {
  case phase::exited:
    if (state.detail == stopped)
      return {exit_kind::stopped, state.code, {}};
    return {state.code == 0 ? exit_kind::finished : exit_kind::failed,
            state.code,
            {}};
  case phase::killed:
    if (state.detail == stopped)
      return {exit_kind::stopped, 128 + state.code, {}};
    return {exit_kind::killed, state.code, state.detail};
  case phase::out_of_memory:
    return {exit_kind::out_of_memory, state.code, state.detail};
  case phase::spawn_failed:
    return {exit_kind::spawn_failed, state.code == EACCES ? 126 : 127,
            state.detail};
  case phase::running:
    break;
  }
  return {exit_kind::unknown, 0, "the process that watched it was killed"};
}

restart_record decode_restarts(const std::string& text) {
  restart_record record;
  std::sscanf(text.c_str(), "%u %u %ld", &record.attempts, &record.restarts,
              &record.last_restart);
  return record;
}

std::string encode(const restart_record& record) {
  return std::to_string(record.attempts) + ' ' + std::to_string(record.restarts)
         + ' ' + std::to_string(record.last_restart) + '\n';
}

wall_milliseconds wall_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

void tell(const caf::actor& whom, auto message) {
  if (whom)
    caf::anon_send(whom, std::move(message));
}

} // namespace

/// Lives on its first loop's thread, but for `is_process_of`.
class process_engine::impl : public std::enable_shared_from_this<impl> {
public:
  explicit impl(process_engine_options options) : options_{std::move(options)} {
    if (options_.shim.empty())
      options_.shim = default_shim();
  }

  void begin() {
    loop_.start();
    log_loop_.start();
    post([](impl& self) { self.find_modules(); });
  }

  void end() {
    loop_.stop();
    log_loop_.stop();
  }

  template <class Work>
  void post(Work work) {
    asio::post(loop_.context(),
               [this, work = std::move(work)]() mutable { work(*this); });
  }

  void list(const caf::actor& asker) {
    engine_modules all;
    for (const auto& [name, unit] : units_)
      all.modules.push_back(record_of(unit));
    tell(asker, std::move(all));
  }

  void inspect(const std::string& name, const caf::actor& asker) {
    engine_modules found{name, {}};
    if (const auto* unit = find(name))
      found.modules.push_back(record_of(*unit));
    tell(asker, std::move(found));
  }

  void create(const module_launch& launch, const caf::actor& owner) {
    const auto& name = launch.spec.name;
    auto problem = try_create(launch);
    if (problem.empty())
      units_.at(name).owner = owner;
    tell(owner, engine_done{name, std::move(problem)});
  }

  void adopt(const std::string& name, const caf::actor& owner) {
    auto* unit = find(name);
    if (!unit)
      return tell(owner, module_down{name,
                                     {exit_kind::unknown, 0, "no such module"},
                                     wall_now()});
    unit->owner = owner;
    tell_state(*unit);
  }

  void start(const std::string& name) {
    auto* unit = find(name);
    if (!unit || unit->running())
      return unit ? tell_state(*unit) : void();
    auto spawned = spawn_shim(options_.shim, "run", folder_of(name));
    if (!spawned.problem.empty()) {
      unit->state.emplace();
      unit->state->now = state_record::phase::spawn_failed;
      unit->state->hash = unit->launch.hash;
      unit->state->detail = spawned.problem;
      unit->state->started = unit->state->finished = wall_now();
      return tell_state(*unit);
    }
    unit->up_told = false;
    hold(*unit, spawned.pid, std::move(spawned.pidfd));
    await_ready(*unit, std::move(spawned.ready));
  }

  void stop(const std::string& name, milliseconds grace) {
    auto* unit = find(name);
    if (!unit)
      return;
    if (!unit->running())
      return tell_state(*unit);
    send_stop(unit->pidfd, grace);
    const auto life = unit->life;
    unit->patience.expires_after(grace + shim_slack);
    unit->patience.async_wait([this, name, life](const auto& cancelled) {
      auto* late = find(name);
      if (!cancelled && late && late->running() && late->life == life)
        kill_shim(*late);
    });
  }

  void remove(const std::string& name, const caf::actor& asker) {
    auto* unit = find(name);
    if (!unit)
      return tell(asker, engine_done{name, {}});
    unit->remover = asker ? asker : unit->owner;
    unit->removing = true;
    if (unit->running())
      stop(name, milliseconds{0});
    else
      forget(name);
  }

  void remember(const std::string& name, const restart_record& record) {
    auto* unit = find(name);
    if (!unit)
      return;
    unit->restarts = record;
    report(write_durably(folder_of(name) / "restarts", encode(record)));
  }

  void probe(const std::string& name, const std::vector<std::string>& command,
             milliseconds timeout, const caf::actor& asker) {
    const auto* unit = find(name);
    if (!unit || !unit->running())
      return tell(asker, probe_done{name, false, "the module does not run"});
    auto spawned = spawn_shim(options_.shim, "exec", folder_of(name), command);
    if (!spawned.problem.empty())
      return tell(asker, probe_done{name, false, spawned.problem});
    await_probe(name, std::move(spawned), timeout, asker);
  }

  void logs(const std::string& name, const log_query& query,
            std::shared_ptr<log_sink> sink) {
    if (!find(name))
      return sink->end("there is no module called " + name);
    read_log(log_loop_.context(), folder_of(name) / "log", query,
             std::move(sink));
  }

  bool is_process_of(const std::string& name, pid_t pid) {
    pid_t shim = 0;
    {
      const std::lock_guard guard{shims_mutex_};
      const auto found = shims_.find(name);
      if (found != shims_.end())
        shim = found->second;
    }
    return shim > 0 && pid != shim && is_below(pid, shim);
  }

private:
  struct kept_module {
    explicit kept_module(asio::io_context& context)
      : ended{context}, patience{context} {}

    bool running() const { return static_cast<bool>(pidfd); }

    launch_record launch;
    std::optional<state_record> state;
    restart_record restarts;
    caf::actor owner, remover;
    bool removing = false;
    bool up_told = false;
    /// Grows with each start: what waits for an earlier one is void.
    std::uint64_t life = 0;
    pid_t shim = 0;
    unique_fd pidfd;
    descriptor ended; ///< a second hold on `pidfd`, for waiting
    asio::steady_timer patience;
  };

  kept_module* find(const std::string& name) {
    const auto found = units_.find(name);
    return found == units_.end() ? nullptr : &found->second;
  }

  fs::path folder_of(const std::string& name) const {
    return options_.folder / name;
  }

  static void report(const std::string& problem) {
    if (!problem.empty())
      log::error("modules", "a module's record could not be written",
                 {{"why", problem}});
  }

  static module_record record_of(const kept_module& from) {
    module_record record;
    record.name = from.launch.name;
    record.hash = from.launch.hash;
    record.running = from.running();
    record.restarts = from.restarts;
    if (!from.state)
      return record;
    record.started = from.state->started;
    if (record.running) {
      record.pid = from.state->main.pid;
    } else {
      record.finished = from.state->finished;
      record.ended = cause_of(*from.state);
    }
    return record;
  }

  /// Tells the owner how the module is.
  void tell_state(kept_module& of) {
    const auto& name = of.launch.name;
    if (of.running()) {
      of.up_told = true;
      tell(of.owner, module_up{name, of.state ? of.state->main.pid : 0,
                               of.state ? of.state->started : wall_now()});
    } else if (of.state) {
      tell(of.owner,
           module_down{name, cause_of(*of.state), of.state->finished});
    } else {
      tell(of.owner, module_down{name, {exit_kind::stopped, 0, {}}, 0});
    }
  }

  std::string try_create(const module_launch& launch) {
    const auto& name = launch.spec.name;
    if (units_.contains(name))
      return "there is a module called " + name;
    const auto folder = folder_of(name);
    const auto work = folder / "work";
    auto plan = plan_launch(launch, options_, work);
    if (!plan.problem.empty())
      return plan.problem;
    std::error_code problem;
    fs::create_directories(work, problem);
    if (problem)
      return "creating " + work.string() + ": " + problem.message();
    if (plan.record.user
        && ::chown(work.c_str(), *plan.record.user, *plan.record.group) != 0)
      return "giving " + work.string() + " to its user failed";
    if (auto why = write_durably(folder / "launch", encode(plan.record));
        !why.empty())
      return why;
    units_.try_emplace(name, loop_.context()).first->second.launch
      = std::move(plan.record);
    return {};
  }

  void load_state(kept_module& into) {
    if (const auto text = read_file(folder_of(into.launch.name) / "state"))
      into.state = decode_state(*text);
  }

  void find_modules() {
    std::error_code problem;
    fs::create_directories(options_.folder, problem);
    for (const auto& entry : fs::directory_iterator{options_.folder, problem}) {
      const auto text = read_file(entry.path() / "launch");
      auto launch = text ? decode_launch(*text) : std::nullopt;
      if (launch && launch->name == entry.path().filename())
        find_module(std::move(*launch));
      else
        fs::remove_all(entry.path(), problem);
    }
  }

  void find_module(launch_record launch) {
    const auto name = launch.name;
    auto& found = units_.try_emplace(name, loop_.context()).first->second;
    found.launch = std::move(launch);
    load_state(found);
    if (const auto text = read_file(folder_of(name) / "restarts"))
      found.restarts = decode_restarts(*text);
    if (!found.state || found.state->now != state_record::phase::running)
      return;
    if (found.state->boot != boot_id()) {
      // The machine stopped, and the module with it.
      found.state->now = state_record::phase::exited;
      found.state->detail = stopped;
      found.state->finished = found.state->started;
      return;
    }
    if (auto pidfd = open_process(found.state->shim)) {
      log::info(
        "modules", "a module survived the gateway",
        {{"module", name}, {"pid", std::to_string(found.state->main.pid)}});
      return hold(found, found.state->shim.pid, std::move(pidfd));
    }
    kill_session(found.state->main);
    found.state->finished = wall_now();
  }

  /// From here on the unit runs, until the shim ends.
  void hold(kept_module& what, pid_t shim, unique_fd pidfd) {
    ++what.life;
    what.shim = shim;
    what.pidfd = std::move(pidfd);
    {
      const std::lock_guard guard{shims_mutex_};
      shims_[what.launch.name] = shim;
    }
    what.ended = descriptor{loop_.context(), ::dup(what.pidfd.get())};
    what.ended.async_wait(
      descriptor::wait_read,
      [this, name = what.launch.name, life = what.life](const auto& problem) {
        auto* gone = find(name);
        if (!problem && gone && gone->life == life)
          shim_ended(*gone);
      });
  }

  void await_ready(kept_module& of, unique_fd ready) {
    auto wait = std::make_shared<descriptor>(loop_.context(), ready.release());
    wait->async_wait(descriptor::wait_read, [this, wait, name = of.launch.name,
                                             life = of.life](const auto&) {
      auto* up = find(name);
      if (up && up->life == life && up->running())
        told_ready(*up);
    });
  }

  /// The shim has recorded whether the module runs.
  void told_ready(kept_module& of) {
    load_state(of);
    if (of.state && of.state->shim.pid == of.shim && !of.up_told
        && of.state->now != state_record::phase::spawn_failed)
      tell_state(of);
  }

  void shim_ended(kept_module& of) {
    collect(of.pidfd);
    of.patience.cancel();
    told_ready(of);
    const auto shim = std::exchange(of.shim, 0);
    of.pidfd = {};
    of.ended.close();
    {
      const std::lock_guard guard{shims_mutex_};
      shims_.erase(of.launch.name);
    }
    if (!of.state || of.state->shim.pid != shim) {
      of.state.emplace();
      of.state->now = state_record::phase::spawn_failed;
      of.state->detail = "its shim ended before it ran";
    } else if (of.state->now == state_record::phase::running) {
      kill_session(of.state->main);
    }
    if (of.state->finished == 0)
      of.state->finished = wall_now();
    if (of.removing)
      forget(of.launch.name);
    else
      tell_state(of);
  }

  void kill_shim(kept_module& of) {
    log::warning("modules", "a module did not end in time and is killed",
                 {{"module", of.launch.name}});
    load_state(of);
    if (of.state)
      kill_session(of.state->main);
    send_kill(of.pidfd);
  }

  void forget(const std::string& name) {
    const auto found = units_.find(name);
    const auto remover = found->second.remover;
    units_.erase(found);
    std::error_code problem;
    fs::remove_all(folder_of(name), problem);
    tell(remover, engine_done{name, problem ? problem.message() : ""});
  }

  void await_probe(const std::string& name, spawned_shim spawned,
                   milliseconds timeout, const caf::actor& asker) {
    struct running_probe {
      explicit running_probe(asio::io_context& context, unique_fd held)
        : pidfd{std::move(held)}, ended{context, ::dup(pidfd.get())},
          timer{context} {}
      unique_fd pidfd;
      descriptor ended;
      asio::steady_timer timer;
      bool late = false;
    };
    auto it = std::make_shared<running_probe>(loop_.context(),
                                              std::move(spawned.pidfd));
    it->timer.expires_after(timeout);
    it->timer.async_wait([it, pid = spawned.pid](const auto& cancelled) {
      if (cancelled)
        return;
      it->late = true;
      ::kill(-pid, SIGKILL); // not collected yet, so the number is its own
    });
    it->ended.async_wait(descriptor::wait_read, [=](const auto&) {
      it->timer.cancel();
      const auto status = collect(it->pidfd).value_or(-1);
      std::string why;
      if (it->late)
        why = "the health probe took longer than "
              + std::to_string(timeout.count()) + " ms";
      else if (status != 0)
        why = "the health probe ended with " + std::to_string(status);
      tell(asker, probe_done{name, why.empty(), why});
    });
  }

  process_engine_options options_;
  io_loop loop_, log_loop_;
  std::unordered_map<std::string, kept_module> units_;
  std::mutex shims_mutex_;
  std::unordered_map<std::string, pid_t> shims_;
};

process_engine::process_engine(process_engine_options options)
  : impl_{std::make_shared<impl>(std::move(options))} {
  impl_->begin();
}

process_engine::~process_engine() { impl_->end(); }

void process_engine::list(caf::actor asker) {
  impl_->post([=](impl& self) { self.list(asker); });
}

void process_engine::inspect(std::string name, caf::actor asker) {
  impl_->post([=](impl& self) { self.inspect(name, asker); });
}

void process_engine::create(module_launch launch, caf::actor owner) {
  impl_->post([=](impl& self) { self.create(launch, owner); });
}

void process_engine::adopt(std::string name, caf::actor owner) {
  impl_->post([=](impl& self) { self.adopt(name, owner); });
}

void process_engine::start(std::string name) {
  impl_->post([=](impl& self) { self.start(name); });
}

void process_engine::stop(std::string name, milliseconds grace) {
  impl_->post([=](impl& self) { self.stop(name, grace); });
}

void process_engine::remove(std::string name, caf::actor asker) {
  impl_->post([=](impl& self) { self.remove(name, asker); });
}

void process_engine::remember(std::string name, restart_record record) {
  impl_->post([=](impl& self) { self.remember(name, record); });
}

void process_engine::probe(std::string name, std::vector<std::string> command,
                           milliseconds timeout, caf::actor asker) {
  impl_->post([=](impl& self) { self.probe(name, command, timeout, asker); });
}

void process_engine::logs(std::string name, log_query query,
                          std::shared_ptr<log_sink> sink) {
  impl_->post([=](impl& self) { self.logs(name, query, sink); });
}

bool process_engine::is_process_of(const std::string& name, pid_t pid) const {
  return impl_->is_process_of(name, pid);
}

} // namespace tidegate
