#include "runtime/engines/shim/probe.hpp"

#include "runtime/engines/shim/child.hpp"
#include "runtime/engines/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidegate {

namespace {

using clock = std::chrono::steady_clock;

/// Reads what nobody wants, so that nobody waits to write it. False at its end.
bool drain(const unique_fd& from) {
  std::array<char, 16'384> part;
  const auto count = ::read(from.get(), part.data(), part.size());
  return count > 0 || (count < 0 && errno == EINTR);
}

/// Until the process ends. False when it has not by `end`.
bool await_end(const unique_fd& process, started_child& child,
               clock::time_point end) {
  for (;;) {
    const auto left
      = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now());
    if (left.count() <= 0)
      return false;
    std::array<pollfd, 3> watched{{{process.get(), POLLIN, 0},
                                   {child.out.get(), POLLIN, 0},
                                   {child.err.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
    if (watched[0].revents != 0)
      return true;
    if (watched[1].revents != 0 && !drain(child.out))
      child.out.reset();
    if (watched[2].revents != 0 && !drain(child.err))
      child.err.reset();
  }
}

} // namespace

int run_probe(launch_record launch, std::vector<std::string> command,
              std::chrono::milliseconds timeout) {
  const auto end = clock::now() + timeout;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  launch.arguments = std::move(command);
  auto child = start_child_process(launch);
  if (child.problem != 0)
    return probe_cannot_run;
  const unique_fd process{
    static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0))};
  const bool ended = process && await_end(process, child, end);
  if (!ended)
    ::kill(-child.pid, SIGKILL);
  int status = 0;
  ::waitpid(child.pid, &status, 0);
  kill_descendants();
  if (!ended)
    return probe_too_late;
  constexpr int by_signal = 128;
  return WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
}

} // namespace tidegate
