#include "runtime/net/socket_address.hpp"

#include "messages/ec.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <sys/un.h>

namespace tidegate {

namespace {

template <class Address>
Address& as(socket_address& address) {
  address.size = sizeof(Address);
  return reinterpret_cast<Address&>(address.storage);
}

template <class Address>
const Address& as(const socket_address& address) {
  return reinterpret_cast<const Address&>(address.storage);
}

std::string with_port(int family, const void* host, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, host, text.data(), text.size());
  const std::string plain{text.data()};
  return (family == AF_INET6 ? '[' + plain + ']' : plain) + ':'
         + std::to_string(port);
}

} // namespace

caf::expected<socket_address> ip_address(const std::string& address,
                                         std::uint16_t port) {
  socket_address result;
  auto& v4 = as<sockaddr_in>(result);
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return result;
  }
  auto& v6 = as<sockaddr_in6>(result);
  v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  if (address.empty()
      || inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1)
    return result;
  return caf::make_error(ec::bad_argument, address + " is not an IP address");
}

caf::expected<socket_address> unix_address(const std::string& path) {
  socket_address result;
  auto& local = as<sockaddr_un>(result);
  local.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof local.sun_path)
    return caf::make_error(ec::bad_argument,
                           "socket path " + path + " has "
                             + std::to_string(path.size()) + " bytes; 1 to "
                             + std::to_string(sizeof local.sun_path - 1)
                             + " are possible");
  std::copy(path.begin(), path.end(), local.sun_path);
  return result;
}

std::uint16_t port_of(const socket_address& address) {
  switch (address.family()) {
  case AF_INET:
    return ntohs(as<sockaddr_in>(address).sin_port);
  case AF_INET6:
    return ntohs(as<sockaddr_in6>(address).sin6_port);
  default:
    return 0;
  }
}

std::string text_of(const socket_address& address) {
  const auto port = port_of(address);
  if (address.family() == AF_INET)
    return with_port(AF_INET, &as<sockaddr_in>(address).sin_addr, port);
  if (address.family() != AF_INET6)
    return "unix";
  const auto& host = as<sockaddr_in6>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&host))
    return with_port(AF_INET, host.s6_addr + 12, port);
  return with_port(AF_INET6, &host, port);
}

std::string owner_of(const socket_address& address) {
  const auto bytes = [](const void* from, std::size_t count) {
    return std::string{static_cast<const char*>(from), count};
  };
  if (address.family() == AF_INET)
    return bytes(&as<sockaddr_in>(address).sin_addr, 4);
  if (address.family() != AF_INET6)
    return {};
  const auto& host = as<sockaddr_in6>(address).sin6_addr;
  return IN6_IS_ADDR_V4MAPPED(&host) ? bytes(host.s6_addr + 12, 4)
                                     : bytes(host.s6_addr, 8);
}

socket_address remote_address(int fd) {
  socket_address result;
  result.size = sizeof result.storage;
  ::getpeername(fd, result.data(), &result.size);
  return result;
}

socket_address local_address(int fd) {
  socket_address result;
  result.size = sizeof result.storage;
  ::getsockname(fd, result.data(), &result.size);
  return result;
}

} // namespace tidegate
