#pragma once

#include <caf/expected.hpp>
#include <cstdint>
#include <string>
#include <sys/socket.h>

namespace tidegate {

/// An address to bind or connect to, in the form the kernel takes.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* data() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

/// `address` is an IPv4 or IPv6 address; empty means every address, of both
/// families where the system has both. `ec::bad_argument` otherwise.
caf::expected<socket_address> ip_address(const std::string& address,
                                         std::uint16_t port);

/// `ec::bad_argument` when `path` does not fit (107 bytes).
caf::expected<socket_address> unix_address(const std::string& path);

/// The port of an IP address, 0 for others.
std::uint16_t port_of(const socket_address& address);

/// `10.0.0.7:51234`, `[::1]:443`, `unix`. IPv4 inside IPv6 reads as IPv4.
std::string text_of(const socket_address& address);

/// Whom connections from an address count for: an IPv4 address, or the first 64
/// bits of an IPv6 address, which is what one subscriber has; empty for others.
std::string owner_of(const socket_address& address);

/// The address at the other end, or at this one, of a socket.
socket_address remote_address(int fd);
socket_address local_address(int fd);

} // namespace tidegate
