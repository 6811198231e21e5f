#include "benchmarks/harness/nodes/child_process.hpp"

#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tidegate::harness {

namespace {

using clock = std::chrono::steady_clock;

/// A descriptor that is closed when it goes.
class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  ~descriptor() { close(); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

private:
  int fd_;
};

/// Runs in the child, between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char* const* arguments, char* const* environment,
                         int output, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  std::signal(SIGPIPE, SIG_DFL);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

void add(std::vector<char*>& to, const std::vector<std::string>& texts) {
  for (const auto& one : texts)
    to.push_back(const_cast<char*>(one.c_str()));
  to.push_back(nullptr);
}

/// The new process, or -1. Of two variables of a name the first counts.
pid_t spawn(const std::vector<std::string>& arguments,
            const std::vector<std::string>& more, int output, int errors) {
  std::vector<char*> pointers;
  add(pointers, arguments);
  std::vector<char*> variables;
  add(variables, more);
  variables.pop_back();
  for (auto** one = environ; *one; ++one)
    variables.push_back(*one);
  variables.push_back(nullptr);
  const auto pid = ::fork();
  if (pid == 0)
    become(pointers.data(), variables.data(), output, errors);
  return pid;
}

/// Reads both pipes to their ends; false when `deadline` came first.
bool read_all(std::array<pollfd, 2> from, std::array<std::string*, 2> into,
              clock::time_point deadline) {
  while (from[0].fd >= 0 || from[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - clock::now());
    if (left.count() <= 0
        || ::poll(from.data(), from.size(), static_cast<int>(left.count()))
             == 0)
      return false;
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from[i].fd < 0 || from[i].revents == 0)
        continue;
      std::array<char, 65'536> chunk;
      const auto count = ::read(from[i].fd, chunk.data(), chunk.size());
      if (count > 0)
        into[i]->append(chunk.data(), static_cast<std::size_t>(count));
      else
        from[i].fd = -1; // poll leaves it out
    }
  }
  return true;
}

} // namespace

child_process::~child_process() { kill(); }

child_process::child_process(child_process&& other) noexcept
  : pid_(std::exchange(other.pid_, 0)) {}

child_process& child_process::operator=(child_process&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

std::string child_process::start(const std::vector<std::string>& arguments,
                                 const std::filesystem::path& log,
                                 const std::vector<std::string>& more) {
  return start(arguments, log, more, -1);
}

std::string
child_process::start_reading(const std::vector<std::string>& arguments,
                             const std::filesystem::path& log, int& output) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return std::string{"no pipe: "} + std::strerror(errno);
  const descriptor write_end{ends[1]};
  auto why = start(arguments, log, {}, write_end.get());
  if (why.empty())
    output = ends[0];
  else
    ::close(ends[0]);
  return why;
}

std::string child_process::start(const std::vector<std::string>& arguments,
                                 const std::filesystem::path& log,
                                 const std::vector<std::string>& more,
                                 int output) {
  kill();
  const descriptor file{
    ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
  if (file.get() < 0)
    return log.string() + ": " + std::strerror(errno);
  const auto pid
    = spawn(arguments, more, output < 0 ? file.get() : output, file.get());
  if (pid < 0)
    return arguments[0] + ": " + std::strerror(errno);
  pid_ = pid;
  return {};
}

bool child_process::running() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_)
    pid_ = 0;
  return pid_ > 0;
}

void child_process::kill() {
  if (!running())
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, 0), nullptr, 0);
}

bool child_process::end(std::chrono::milliseconds grace) {
  if (!running())
    return true;
  ::kill(pid_, SIGTERM);
  const auto deadline = clock::now() + grace;
  while (running() && clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  const auto ended = !running();
  kill();
  return ended;
}

command_result run_command(const std::vector<std::string>& arguments,
                           std::chrono::milliseconds limit) {
  command_result result;
  std::array<int, 2> out{-1, -1}, err{-1, -1};
  if (::pipe2(out.data(), O_CLOEXEC) != 0)
    return result;
  const descriptor out_read{out[0]};
  descriptor out_write{out[1]};
  if (::pipe2(err.data(), O_CLOEXEC) != 0)
    return result;
  const descriptor err_read{err[0]};
  descriptor err_write{err[1]};
  const auto pid = spawn(arguments, {}, out_write.get(), err_write.get());
  if (pid < 0)
    return result;
  out_write.close();
  err_write.close();
  const auto whole
    = read_all({{{out_read.get(), POLLIN, 0}, {err_read.get(), POLLIN, 0}}},
               {&result.output, &result.errors}, clock::now() + limit);
  if (!whole)
    ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (whole && WIFEXITED(status))
    result.code = WEXITSTATUS(status);
  return result;
}

} // namespace tidegate::harness
