#include "runtime/net/ip_network.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using boost::asio::ip::make_address;

TEST_CASE("an address is public or special", "[net]") {
  for (const char* text :
       {"8.8.8.8", "20.60.1.1", "172.32.0.1", "2603:1030::1", "::ffff:8.8.8.8",
        "192.167.255.255", "100.128.0.1"}) {
    INFO(text);
    CHECK(is_public(make_address(text)));
  }
  for (const char* text : {"127.0.0.1",
                           "127.9.9.9",
                           "0.0.0.0",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "198.18.0.1",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "fec0::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "2001::1",
                           "2001:db8::1",
                           "fe80::1%1"}) {
    INFO(text);
    CHECK_FALSE(is_public(make_address(text)));
  }
}

TEST_CASE("a network holds its addresses", "[net]") {
  const auto range = ip_network::parse("10.1.0.0/16");
  REQUIRE(range);
  CHECK(range->contains(make_address("10.1.255.3")));
  CHECK(range->contains(make_address("::ffff:10.1.0.1")));
  CHECK_FALSE(range->contains(make_address("10.2.0.1")));
  CHECK_FALSE(range->contains(make_address("::1")));
  const auto six = ip_network::parse("fd00:1::/36");
  REQUIRE(six);
  CHECK(six->contains(make_address("fd00:1:0fff::1")));
  CHECK_FALSE(six->contains(make_address("fd00:1:1000::1")));
  CHECK(ip_network::parse("127.0.0.1")->contains(make_address("127.0.0.1")));
  CHECK_FALSE(
    ip_network::parse("127.0.0.1")->contains(make_address("127.0.0.2")));
  CHECK(ip_network::parse("0.0.0.0/0")->contains(make_address("8.8.8.8")));
  for (const char* text :
       {"", "10.1.0.0/33", "10.1", "localhost", "10.0.0.0/", "::/129"}) {
    INFO(text);
    CHECK_FALSE(ip_network::parse(text));
  }
}
