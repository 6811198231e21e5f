#include "runtime/engines/shim_process.hpp"

#include "runtime/engines/process_table.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" { // glibc 2.36 does not say so itself
#include <sys/pidfd.h>
}

namespace tidegate {

namespace {

/// The settings of `posix_spawn`, freed with their owner.
struct spawn_settings {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  spawn_settings() {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
  }
  ~spawn_settings() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  spawn_settings(const spawn_settings&) = delete;
  spawn_settings& operator=(const spawn_settings&) = delete;
};

/// Descriptor 3 of the shim is `ready`; it gets no other of ours.
void prepare(spawn_settings& settings, int ready) {
  constexpr int ready_at = 3;
  auto* files = &settings.files;
  ::posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(files, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(files, 1, 2);
  ::posix_spawn_file_actions_adddup2(files, ready, ready_at);
  ::posix_spawn_file_actions_addclosefrom_np(files, ready_at + 1);
  // A stop that comes before the shim is ready must wait, not kill it.
  sigset_t held, all;
  ::sigemptyset(&held);
  ::sigaddset(&held, SIGTERM);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &held);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  ::posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSID
                                                     | POSIX_SPAWN_SETSIGMASK
                                                     | POSIX_SPAWN_SETSIGDEF);
}

} // namespace

spawned_shim spawn_shim(const std::filesystem::path& shim,
                        const std::string& command,
                        const std::filesystem::path& folder,
                        const std::vector<std::string>& arguments) {
  spawned_shim spawned;
  auto ready = open_pipe();
  if (!ready) {
    spawned.problem = std::string{"making a pipe: "} + std::strerror(errno);
    return spawned;
  }
  spawned.ready = std::move(ready->out);
  spawn_settings settings;
  prepare(settings, ready->in.get());
  std::vector<std::string> texts{shim, command, folder};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(texts.size() + 1);
  for (auto& text : texts)
    argv.push_back(text.data());
  argv.push_back(nullptr);
  std::array<char*, 1> env{};
  const int problem
    = ::posix_spawn(&spawned.pid, shim.c_str(), &settings.files,
                    &settings.attributes, argv.data(), env.data());
  if (problem != 0) {
    spawned.problem
      = "running " + shim.string() + ": " + std::strerror(problem);
    return spawned;
  }
  // Our child cannot be gone before we collect it.
  spawned.pidfd = unique_fd{::pidfd_open(spawned.pid, 0)};
  if (!spawned.pidfd) {
    spawned.problem = std::string{"pidfd_open: "} + std::strerror(errno);
    ::kill(spawned.pid, SIGKILL);
    ::waitpid(spawned.pid, nullptr, 0);
  }
  return spawned;
}

unique_fd open_process(process_id id) {
  if (id.pid <= 1)
    return {};
  unique_fd pidfd{::pidfd_open(id.pid, 0)};
  if (!pidfd)
    return {};
  // Compared once the descriptor holds it: the number cannot change hands.
  const auto now = find_process(id.pid);
  if (!now || now->id != id || now->state == 'Z')
    return {};
  return pidfd;
}

bool send_stop(const unique_fd& pidfd, std::chrono::milliseconds grace) {
  siginfo_t what{};
  what.si_signo = SIGTERM;
  what.si_code = SI_QUEUE;
  what.si_pid = ::getpid();
  what.si_uid = ::getuid();
  what.si_value.sival_int = static_cast<int>(grace.count());
  return ::pidfd_send_signal(pidfd.get(), SIGTERM, &what, 0) == 0;
}

bool send_kill(const unique_fd& pidfd) {
  return ::pidfd_send_signal(pidfd.get(), SIGKILL, nullptr, 0) == 0;
}

void kill_session(process_id leader) {
  constexpr int longest_wait = 1'000;
  std::vector<unique_fd> killed;
  for (const auto pid : session_members(leader)) {
    unique_fd pidfd{::pidfd_open(pid, 0)};
    if (pidfd && send_kill(pidfd))
      killed.push_back(std::move(pidfd));
  }
  for (const auto& pidfd : killed) {
    pollfd ended{pidfd.get(), POLLIN, 0};
    ::poll(&ended, 1, longest_wait / static_cast<int>(killed.size()));
  }
}

std::optional<int> collect(const unique_fd& pidfd) {
  siginfo_t what{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &what,
               WEXITED | WNOHANG)
        != 0
      || what.si_pid == 0)
    return std::nullopt;
  return what.si_code == CLD_EXITED ? what.si_status : 128 + what.si_status;
}

std::filesystem::path default_shim() {
  std::error_code problem;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
  return self.parent_path() / "tidegate-shim";
}

} // namespace tidegate
