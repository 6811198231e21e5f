#pragma once

#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

/// A plain non-blocking socket on loopback that does exactly what a test says.
class raw_client {
public:
  /// `from` is the address it comes from.
  explicit raw_client(std::uint16_t port, std::uint32_t from = INADDR_LOOPBACK)
    : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(from);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&here), sizeof here);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_
      = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~raw_client() { close(); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  bool connected() const { return connected_; }

  /// Sends what the socket takes and returns how much that was.
  std::size_t send(std::string_view data) {
    const auto sent
      = ::send(fd_, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  /// Adds what has arrived to `text`.
  void receive() {
    char part[65536];
    for (;;) {
      const auto got = ::recv(fd_, part, sizeof part, MSG_DONTWAIT);
      if (got > 0) {
        text.append(part, static_cast<std::size_t>(got));
        continue;
      }
      ended = ended || got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
      return;
    }
  }

  /// Ends like a crashed process: with a reset.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  void end_writing() { ::shutdown(fd_, SHUT_WR); }

  void close() {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = -1;
  }

  int fd() const { return fd_; }

  std::string text;
  bool ended = false;

private:
  int fd_;
  bool connected_ = false;
};
