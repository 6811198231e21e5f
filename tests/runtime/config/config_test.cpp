#include "runtime/config/config.hpp"
#include "runtime/config/values.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

std::string only_error(const std::string& text) {
  const auto result = parse_config(text, "/etc/tidegate.toml");
  REQUIRE(result.errors.size() == 1);
  return to_string(result.errors.front());
}

} // namespace

TEST_CASE("an empty file is a hub with every default", "[config]") {
  const auto result = parse_config("", "/etc/tidegate.toml");
  CHECK(result.errors.empty());
  CHECK(result.value.is_hub());
  CHECK(result.value.store.quota == std::int64_t{10} << 30);
  CHECK_FALSE(result.value.listeners.mqtt);
}

TEST_CASE("values are read with their units", "[config]") {
  const auto result = parse_config(R"(
[store]
quota = "512 MiB"
time_to_live = "2h"
[listeners]
mqtt = "127.0.0.1:0"
[tls]
certificate = "gw.pem"
)",
                                   "/etc/tidegate.toml");
  REQUIRE(result.errors.empty());
  CHECK(result.value.store.quota == std::int64_t{512} << 20);
  CHECK(result.value.store.time_to_live == 2h);
  CHECK(result.value.listeners.mqtt == listen_address{"127.0.0.1", 0});
  CHECK(result.value.tls.certificate == "/etc/gw.pem");
}

TEST_CASE("an unknown key names the nearest known one", "[config]") {
  CHECK(only_error("[store]\nquotta = 5\n")
        == "/etc/tidegate.toml:2: store.quotta: is not a known key; did you "
           "mean store.quota?");
}

TEST_CASE("a bad value says file, line and key", "[config]") {
  CHECK(only_error("[store]\n\ndurability = \"always\"\n")
        == "/etc/tidegate.toml:3: store.durability: must be one of: power, "
           "process, none");
  CHECK(only_error("[limits]\nclients = 0\n")
        == "/etc/tidegate.toml:2: limits.clients: must be a whole number from "
           "1 to 1000000");
}

TEST_CASE("broken TOML is an error with its line", "[config]") {
  CHECK_THAT(only_error("[store\n"), Catch::StartsWith("/etc/tidegate.toml:1"));
}

TEST_CASE("every error is reported, not just the first", "[config]") {
  const auto result
    = parse_config("[store]\nquota = \"x\"\nfoo = 1\n", "/etc/tidegate.toml");
  CHECK(result.errors.size() == 2);
}

TEST_CASE("an encrypted listener needs a certificate", "[config]") {
  CHECK_THAT(only_error("[listeners]\nmqtts = \"*:8883\"\n"),
             Catch::Contains("tls.certificate"));
}

TEST_CASE("every key has a meaning", "[config]") {
  for (const auto& key : config_keys()) {
    INFO(key.name);
    CHECK_FALSE(key.meaning.empty());
    CHECK(key.name.find('.') != std::string::npos);
  }
}

TEST_CASE("sizes that do not fit are refused", "[config]") {
  CHECK(parse_size("10 GiB") == std::int64_t{10} << 30);
  CHECK_FALSE(parse_size("99999999999 TiB"));
  CHECK_FALSE(parse_size("-1"));
  CHECK_FALSE(parse_size("5 apples"));
}

TEST_CASE("listen addresses take names, IPv6 and the wildcard", "[config]") {
  CHECK(parse_listen_address("[::1]:80") == listen_address{"::1", 80});
  CHECK(parse_listen_address("*:8883") == listen_address{"*", 8883});
  CHECK(to_string(listen_address{"::1", 80}) == "[::1]:80");
  CHECK_FALSE(parse_listen_address("localhost"));
  CHECK_FALSE(parse_listen_address(":80"));
  CHECK_FALSE(parse_listen_address("a:70000"));
}
