#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <optional>
#include <string>
#include <variant>

namespace tidegate {

/// A range of IP addresses: `10.1.0.0/16`, `fd00::/8`, or one address.
class ip_network {
public:
  static std::optional<ip_network> parse(const std::string& text);

  /// IPv4 inside IPv6 is IPv4.
  bool contains(const boost::asio::ip::address& one) const;

private:
  using range
    = std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>;
  explicit ip_network(range is) : is_{std::move(is)} {}

  range is_;
};

/// Whether the whole world has this address: no loopback, private, shared,
/// link-local, multicast, reserved or documentation address, and no IPv6 one
/// that stands for such an IPv4 address (mapped, translated, 6to4, Teredo).
/// See the registries of special-purpose addresses, RFC 6890.
bool is_public(const boost::asio::ip::address& one);

} // namespace tidegate
