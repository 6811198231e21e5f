#include "runtime/net/ip_network.hpp"

#include <array>
#include <string_view>

namespace tidegate {

namespace {

namespace ip = boost::asio::ip;

/// IPv4 where `one` is such an address in IPv6's clothes.
ip::address plain(const ip::address& one) {
  if (one.is_v6() && one.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, one.to_v6());
  return one;
}

bool in(const ip::address_v4& one, const ip::network_v4& range) {
  const auto mask = range.netmask().to_uint();
  return (one.to_uint() & mask) == (range.address().to_uint() & mask);
}

bool in(const ip::address_v6& one, const ip::network_v6& range) {
  const auto bits = one.to_bytes();
  const auto front = range.address().to_bytes();
  auto left = static_cast<unsigned>(range.prefix_length());
  for (std::size_t at = 0; left > 0; ++at) {
    const auto here = std::min(left, 8U);
    const auto mask = static_cast<unsigned>(0xFF00 >> here) & 0xFFU;
    if ((bits[at] & mask) != (front[at] & mask))
      return false;
    left -= here;
  }
  return true;
}

constexpr std::array<const char*, 15> special_v4{
  "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
  "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
  "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
  "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};

/// Of IPv6 only this is given to the world.
constexpr const char* global_v6 = "2000::/3";
constexpr std::array<const char*, 4> special_v6{"2001::/23", "2001:db8::/32",
                                                "2002::/16", "3fff::/20"};

} // namespace

std::optional<ip_network> ip_network::parse(const std::string& text) {
  boost::system::error_code failed;
  if (text.find('/') == std::string::npos) {
    const auto one = ip::make_address(text, failed);
    if (failed)
      return std::nullopt;
    if (one.is_v4())
      return ip_network{ip::network_v4{one.to_v4(), 32}};
    return ip_network{ip::network_v6{one.to_v6(), 128}};
  }
  if (const auto v4 = ip::make_network_v4(text, failed); !failed)
    return ip_network{v4};
  if (const auto v6 = ip::make_network_v6(text, failed); !failed)
    return ip_network{v6};
  return std::nullopt;
}

bool ip_network::contains(const ip::address& one) const {
  const auto address = plain(one);
  if (const auto* v4 = std::get_if<ip::network_v4>(&is_))
    return address.is_v4() && in(address.to_v4(), *v4);
  return address.is_v6() && in(address.to_v6(), std::get<ip::network_v6>(is_));
}

bool is_public(const ip::address& one) {
  const auto address = plain(one);
  if (address.is_v4()) {
    for (const auto* range : special_v4)
      if (in(address.to_v4(), ip::make_network_v4(range)))
        return false;
    return true;
  }
  if (!in(address.to_v6(), ip::make_network_v6(global_v6)))
    return false;
  for (const auto* range : special_v6)
    if (in(address.to_v6(), ip::make_network_v6(range)))
      return false;
  return true;
}

} // namespace tidegate
