#include "runtime/engines/health_command.hpp"

#include "runtime/engines/shim/probe.hpp"
#include "runtime/engines/shim_process.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <unistd.h>

namespace tidegate {

namespace {

using boost::asio::posix::stream_descriptor;

/// How much longer than the command its shim may take.
constexpr std::chrono::seconds shim_slack{2};

/// A command that runs.
struct running_command {
  running_command(boost::asio::io_context& context, spawned_shim from)
    : pid{from.pid}, pidfd{std::move(from.pidfd)},
      ended{context, ::dup(pidfd.get())}, timer{context} {}

  pid_t pid;
  unique_fd pidfd;
  stream_descriptor ended;
  boost::asio::steady_timer timer;
  bool late = false;
};

std::string problem_of(const running_command& command,
                       std::chrono::milliseconds timeout) {
  const auto status = collect(command.pidfd).value_or(-1);
  if (command.late || status == probe_too_late)
    return "the health probe took longer than "
           + std::to_string(timeout.count()) + " ms";
  if (status != 0)
    return "the health probe ended with " + std::to_string(status);
  return {};
}

} // namespace

void run_health_command(boost::asio::io_context& context,
                        const std::filesystem::path& shim,
                        const std::filesystem::path& folder,
                        const std::vector<std::string>& command,
                        std::chrono::milliseconds timeout,
                        std::function<void(std::string)> done) {
  std::vector<std::string> arguments{std::to_string(timeout.count())};
  arguments.insert(arguments.end(), command.begin(), command.end());
  auto spawned = spawn_shim(shim, "exec", folder, arguments);
  if (!spawned.problem.empty())
    return done(std::move(spawned.problem));
  const auto it
    = std::make_shared<running_command>(context, std::move(spawned));
  it->timer.expires_after(timeout + shim_slack);
  it->timer.async_wait([it](const auto& cancelled) {
    if (cancelled)
      return;
    it->late = true;
    ::kill(-it->pid, SIGKILL); // not collected yet, so the number is its own
  });
  it->ended.async_wait(stream_descriptor::wait_read,
                       [it, timeout, done = std::move(done)](const auto&) {
                         it->timer.cancel();
                         done(problem_of(*it, timeout));
                       });
}

} // namespace tidegate
