#include "runtime/engines/shim/child.hpp"

#include "runtime/engines/group_file.hpp"
#include "runtime/engines/process_table.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace tidegate {

namespace {

/// What a child that could not start tells its parent.
struct failure {
  int problem;
  std::array<char, 60> doing;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
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

const char* join_group(const launch_record& record) {
  const auto& group = record.control_group;
  return group.empty()
             || write_group_file(std::filesystem::path{group} / "cgroup.procs",
                                 "0")
                  .empty()
           ? nullptr
           : "joining the control group for";
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
  std::strncpy(said.doing.data(), doing, said.doing.size() - 1);
  [[maybe_unused]] const auto told = ::write(report, &said, sizeof said);
  ::_exit(127);
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
  into.detail = std::string{said.doing.data()} + ' ' + record.arguments.front()
                + ": " + std::strerror(into.problem);
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
  if (const char* failed = join_group(record))
    return failed;
  if (const char* failed = set_limits(record))
    return failed;
  if (const char* failed = set_user(record))
    return failed;
  // It was entered before, by whoever may enter any.
  if (!record.folder.empty() && ::access(".", X_OK) != 0)
    return "entering its folder for";
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0
      || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return "giving up privileges for";
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  ::execve(argv[0], argv.data(), envp.data());
  return "running";
}

started_child start_child_process(const launch_record& record) {
  started_child child;
  auto out = open_pipe(), err = open_pipe(), report = open_pipe();
  if (!out || !err || !report) {
    child.problem = errno;
    child.detail
      = std::string{"making a pipe: "} + std::strerror(child.problem);
    return child;
  }
  const auto parent = ::getpid();
  child.pid = ::fork();
  if (child.pid == 0)
    run_child(record, parent, out->in.get(), err->in.get(), report->in.get());
  if (child.pid < 0) {
    child.problem = errno;
    child.detail = std::string{"forking: "} + std::strerror(child.problem);
    return child;
  }
  report->in.reset();
  await_program(report->out.get(), record, child);
  child.out = std::move(out->out);
  child.err = std::move(err->out);
  return child;
}

void kill_descendants() {
  // What is killed leaves its children to us, and may have made more.
  for (int round = 0; round < 10; ++round) {
    const auto left = descendants(::getpid());
    if (left.empty())
      return;
    for (const auto pid : left)
      ::kill(pid, SIGKILL);
  }
}

} // namespace tidegate
