#include "runtime/engines/shim/keeper.hpp"

#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/group_file.hpp"
#include "runtime/engines/process_table.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidegate {

namespace {

using namespace std::chrono_literals;

/// What the log may still hold after everything that writes to it is dead.
constexpr auto drain_time = 1s;

/// Text without an end of line is a prompt, or progress, when no more comes.
constexpr auto prompt_time = 200ms;

std::int64_t wall_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

process_id identify(pid_t pid) {
  const auto entry = find_process(pid);
  return entry ? entry->id : process_id{pid, 0};
}

unique_fd catch_signals() {
  sigset_t watched;
  ::sigemptyset(&watched);
  for (const int number : {SIGTERM, SIGCHLD, SIGINT, SIGHUP})
    ::sigaddset(&watched, number);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return unique_fd{::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK)};
}

} // namespace

keeper::keeper(std::filesystem::path folder, launch_record launch)
  : folder_{std::move(folder)}, launch_{std::move(launch)},
    log_{folder_ / "log", launch_.log_size, launch_.log_files} {}

void keeper::write_state() {
  const auto problem = write_durably(folder_ / "state", encode(state_));
  if (!problem.empty())
    log_.take(log_stream::error, "[" + problem + "]\n");
}

/// Of its own group, if it has one: then nobody else's are counted.
std::uint64_t keeper::count_memory_kills() const {
  return launch_.control_group.empty()
           ? memory_kills()
           : group_memory_kills(launch_.control_group);
}

void keeper::record_start() {
  state_.hash = launch_.hash;
  state_.boot = boot_id();
  state_.shim = identify(::getpid());
  state_.started = wall_now();
  if (child_.problem == 0) {
    state_.main = identify(child_.pid);
  } else {
    state_.now = state_record::phase::spawn_failed;
    state_.code = child_.problem;
    state_.detail = child_.detail;
    state_.finished = state_.started;
  }
  write_state();
}

void keeper::run(int ready) {
  // Whatever the module leaves behind becomes our child, so that nothing of
  // it escapes the end.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  signals_ = catch_signals();
  memory_kills_before_ = count_memory_kills();
  child_ = start_child_process(launch_);
  record_start();
  if (ready >= 0)
    ::close(ready);
  if (child_.problem != 0)
    return;
  for (const auto* stream : {&child_.out, &child_.err})
    ::fcntl(stream->get(), F_SETFL, O_NONBLOCK);
  running_ = true;
  serve();
  log_.finish();
  write_state();
}

std::optional<keeper::clock::time_point> keeper::due() const {
  return running_ ? kill_at_ : drained_by_;
}

int keeper::wait_milliseconds() const {
  auto until = due();
  if (show_at_)
    until = std::min(until.value_or(*show_at_), *show_at_);
  if (!until)
    return -1;
  const auto left
    = std::chrono::ceil<std::chrono::milliseconds>(*until - clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

/// Not later than `prompt_time` after its beginning.
void keeper::show_prompt() {
  if (!log_.has_unended())
    return show_at_.reset();
  const auto now = clock::now();
  if (!show_at_) {
    show_at_ = now + prompt_time;
  } else if (*show_at_ <= now) {
    log_.show_unended();
    show_at_.reset();
  }
}

void keeper::serve() {
  while (running_ || child_.out || child_.err) {
    std::array<pollfd, 3> watched{{{signals_.get(), POLLIN, 0},
                                   {child_.out.get(), POLLIN, 0},
                                   {child_.err.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), wait_milliseconds());
    if (watched[1].revents != 0 && !read_stream(child_.out, log_stream::out))
      child_.out.reset();
    if (watched[2].revents != 0 && !read_stream(child_.err, log_stream::error))
      child_.err.reset();
    if (watched[0].revents != 0)
      read_signals();
    show_prompt();
    if (!due() || clock::now() < *due())
      continue;
    if (!running_)
      return;
    kill_at_.reset();
    kill_rest();
  }
}

bool keeper::read_stream(const unique_fd& fd, log_stream from) {
  std::array<char, 65'536> part;
  const auto count = ::read(fd.get(), part.data(), part.size());
  if (count > 0) {
    log_.take(from, {part.data(), static_cast<std::size_t>(count)});
    return true;
  }
  return count < 0 && (errno == EAGAIN || errno == EINTR);
}

void keeper::read_signals() {
  signalfd_siginfo what{};
  while (::read(signals_.get(), &what, sizeof what) == sizeof what) {
    if (what.ssi_signo == SIGCHLD)
      reap();
    else if (what.ssi_code == SI_QUEUE)
      stop(std::chrono::milliseconds{std::max(what.ssi_int, 0)});
    else
      stop(std::chrono::milliseconds{launch_.stop_grace});
  }
}

void keeper::stop(std::chrono::milliseconds grace) {
  if (!running_)
    return;
  if (!stopping_)
    ::kill(-child_.pid, SIGTERM);
  stopping_ = true;
  // A second request can only bring the end closer.
  const auto at = clock::now() + grace;
  kill_at_ = std::min(kill_at_.value_or(at), at);
}

void keeper::reap() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0)
    if (running_ && pid == child_.pid)
      ended(status);
}

void keeper::ended(int status) {
  using phase = state_record::phase;
  running_ = false;
  state_.finished = wall_now();
  if (WIFEXITED(status)) {
    state_.now = phase::exited;
    state_.code = WEXITSTATUS(status);
  } else {
    state_.now = phase::killed;
    state_.code = WTERMSIG(status);
    // Nobody signs a SIGKILL; the kernel's own are counted.
    if (state_.code == SIGKILL && !stopping_
        && count_memory_kills() != memory_kills_before_)
      state_.now = phase::out_of_memory;
  }
  state_.detail = stopping_ ? "stopped" : "";
  // As in a container, nothing outlives the main process.
  kill_rest();
  drained_by_ = clock::now() + drain_time;
}

void keeper::kill_rest() {
  if (running_)
    ::kill(-child_.pid, SIGKILL);
  kill_descendants();
}

} // namespace tidegate
