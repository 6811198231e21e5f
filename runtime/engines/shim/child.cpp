#include "runtime/engines/shim/child.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidegate {

namespace {

/// What a child that could not start tells its parent.
struct failure {
  int problem;
  char doing[60];
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const auto& text : texts)
    all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

const char* set_limits(const launch_record& record) {
  for (const auto& limit : record.limits) {
    const rlimit wanted{limit.soft, limit.hard};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &wanted)
        != 0)
      return "setting a limit";
  }
  return nullptr;
}

const char* set_user(const launch_record& record) {
  if (!record.user && !record.group)
    return nullptr;
  const gid_t group = record.group.value_or(::getgid());
  if (::geteuid() == 0 && ::setgroups(1, &group) != 0)
    return "setting groups";
  if (record.group && ::setgid(group) != 0)
    return "setting the group";
  if (record.user && ::setuid(*record.user) != 0)
    return "setting the user";
  return nullptr;
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number)
    ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// In the child, up to its new program.
[[noreturn]] void run_child(const launch_record& record, pid_t parent, int out,
                            int err, int report) {
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  failure said{};
  const char* doing = nullptr;
  // A change of user clears this, so it is set again by `become`.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) {
    doing = "staying with its parent";
  } else {
    ::fcntl(report, F_SETFD, FD_CLOEXEC);
    doing = become(record, record.arguments);
  }
  said.problem = errno;
  std::strncpy(said.doing, doing, sizeof said.doing - 1);
  [[maybe_unused]] const auto told = ::write(report, &said, sizeof said);
  ::_exit(127);
}

void close_both(const int (&ends)[2]) {
  ::close(ends[0]);
  ::close(ends[1]);
}

/// What the child reports, or that its program runs.
void await_program(int report, const launch_record& record,
                   started_child& into) {
  failure said{};
  ssize_t count = 0;
  while ((count = ::read(report, &said, sizeof said)) < 0 && errno == EINTR)
    ;
  if (count == 0)
    return;
  into.problem = count == sizeof said && said.problem != 0 ? said.problem : EIO;
  into.detail = std::string{said.doing} + ' ' + record.arguments.front() + ": "
                + std::strerror(into.problem);
  ::waitpid(into.pid, nullptr, 0);
}

} // namespace

const char* become(const launch_record& record,
                   const std::vector<std::string>& arguments) {
  auto argv = pointers(arguments);
  auto envp = pointers(record.env);
  reset_signals();
  if (!record.folder.empty() && ::chdir(record.folder.c_str()) != 0)
    return "entering its folder for";
  if (const char* failed = set_limits(record))
    return failed;
  if (const char* failed = set_user(record))
    return failed;
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0
      || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return "giving up privileges for";
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  ::execve(argv[0], argv.data(), envp.data());
  return "running";
}

started_child start_child_process(const launch_record& record) {
  started_child child;
  int out[2], err[2], report[2];
  const auto fail = [&](const char* doing) {
    child.problem = errno;
    child.detail = std::string{doing} + ": " + std::strerror(child.problem);
    return child;
  };
  if (::pipe2(out, O_CLOEXEC) != 0)
    return fail("making a pipe");
  if (::pipe2(err, O_CLOEXEC) != 0) {
    close_both(out);
    return fail("making a pipe");
  }
  if (::pipe2(report, O_CLOEXEC) != 0) {
    close_both(out);
    close_both(err);
    return fail("making a pipe");
  }
  const auto parent = ::getpid();
  child.pid = ::fork();
  if (child.pid == 0)
    run_child(record, parent, out[1], err[1], report[1]);
  if (child.pid > 0) {
    ::close(report[1]);
    await_program(report[0], record, child);
    ::close(report[0]);
  } else {
    fail("forking");
    close_both(report);
  }
  ::close(out[1]);
  ::close(err[1]);
  child.out = out[0];
  child.err = err[0];
  return child;
}

} // namespace tidegate
