#include "runtime/node/service_manager.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tidegate {

namespace {

/// What the variable says, if it is a number above zero.
std::optional<long> number_from(const char* variable) {
  const auto* text = std::getenv(variable);
  long value = 0;
  if (!text
      || std::from_chars(text, text + std::strlen(text), value).ec
           != std::errc{}
      || value <= 0)
    return std::nullopt;
  return value;
}

} // namespace

void tell_service_manager(std::string_view state) {
  const auto* name = std::getenv("NOTIFY_SOCKET");
  sockaddr_un to{};
  const std::string_view path{name ? name : ""};
  if (path.empty() || path.size() >= sizeof to.sun_path)
    return;
  to.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), to.sun_path);
  if (path.front() == '@') // a name outside the file system
    to.sun_path[0] = '\0';
  const auto fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  const auto size
    = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&to), size);
  ::close(fd);
}

std::optional<std::chrono::microseconds> watchdog_period() {
  const auto period = number_from("WATCHDOG_USEC");
  const auto process = number_from("WATCHDOG_PID");
  if (!period || (process && *process != ::getpid()))
    return std::nullopt;
  // Twice as often as it must be, as sd_watchdog_enabled(3) advises.
  return std::chrono::microseconds{*period / 2};
}

} // namespace tidegate
