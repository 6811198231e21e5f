#include "runtime/net/listening_socket.hpp"

#include "messages/ec.hpp"
#include "runtime/net/socket_address.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidegate {

namespace {

/// Closes a descriptor unless it is released.
class fd_guard {
public:
  explicit fd_guard(int fd) : fd_{fd} {}
  ~fd_guard() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  fd_guard(const fd_guard&) = delete;
  fd_guard& operator=(const fd_guard&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

private:
  int fd_;
};

void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

caf::error failed(const std::string& where, int error) {
  const auto code = error == EACCES || error == EADDRINUSE || error == EPERM
                      ? ec::refused
                      : ec::io_failed;
  return caf::make_error(code, "can not listen on " + where + ": "
                                 + std::strerror(error));
}

bool is_live(const socket_address& address) {
  const fd_guard probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  return ::connect(probe.get(), address.data(), address.size) == 0;
}

/// What is in the way of a socket, as a person would call it.
const char* name_of(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFDIR:
    return "a folder";
  case S_IFREG:
    return "a file";
  case S_IFLNK:
    return "a link";
  default:
    return "something that is no socket";
  }
}

caf::expected<int> open_unix(const listen_options& options) {
  const auto& path = options.unix_path;
  const auto address = unix_address(path);
  if (!address)
    return address.error();
  fd_guard fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0)
    return failed(path, errno);
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode))
      return caf::make_error(ec::refused, "can not listen on " + path + ": "
                                            + name_of(there.st_mode)
                                            + " is there, which has to be "
                                              "removed first");
    if (is_live(*address))
      return failed(path, EADDRINUSE);
    if (::unlink(path.c_str()) != 0)
      return failed(path, errno);
  }
  // Nobody connects before listen(), so the mode is right from the start.
  if (::bind(fd.get(), address->data(), address->size) != 0
      || ::chmod(path.c_str(), options.unix_mode) != 0
      || ::listen(fd.get(), options.backlog) != 0)
    return failed(path, errno);
  return fd.release();
}

caf::expected<int> open_ip(const listen_options& options) {
  auto address = ip_address(options.address, options.port);
  if (!address)
    return address.error();
  auto family = address->family();
  auto opened = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (opened < 0 && errno == EAFNOSUPPORT && options.address.empty()) {
    address = ip_address("0.0.0.0", options.port);
    opened = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    family = AF_INET;
  }
  fd_guard fd{opened};
  const auto where = text_of(*address);
  if (fd.get() < 0)
    return failed(where, errno);
  set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (family == AF_INET6)
    set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.address.empty() ? 0 : 1);
  if (::bind(fd.get(), address->data(), address->size) != 0
      || ::listen(fd.get(), options.backlog) != 0)
    return failed(where, errno);
  return fd.release();
}

} // namespace

caf::expected<int> open_listening_socket(const listen_options& options) {
  return options.unix_path.empty() ? open_ip(options) : open_unix(options);
}

void set_stream_options(int fd, int family) {
  if (family == AF_UNIX)
    return;
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

} // namespace tidegate
