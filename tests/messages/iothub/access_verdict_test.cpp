#include "messages/iothub/access_verdict.hpp"

#include "messages/iothub/base64.hpp"
#include "messages/iothub/percent.hpp"
#include "messages/iothub/sas_signature.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace tidegate;
using enum access_right;

namespace {

constexpr sas_time now{std::chrono::seconds{1'767'323'045}};
const std::vector<std::string> hosts{"hub.example.com", "10.0.0.1"};

/// The policies a hub starts with, each with keys of its own.
std::vector<access_policy> policies() {
  auto all = first_policies();
  for (auto& one : all) {
    one.primary_key = base64_encode("1 of " + one.name);
    one.secondary_key = base64_encode("2 of " + one.name);
  }
  return all;
}

sas_token token_of(std::string_view policy, std::string_view resource,
                   std::string_view key, std::string_view expiry) {
  const auto sr = percent_encode(resource);
  const auto text
    = format_sas_token(
        sr, base64_encode(hmac_sha256(key, string_to_sign(sr, expiry))), expiry)
      + "&skn=" + percent_encode(policy);
  std::string_view why;
  const auto parsed = parse_sas_token(text, why);
  REQUIRE(parsed);
  return *parsed;
}

access_verdict judged(const sas_token& token, access_right right,
                      std::string_view path = "/twins/pump-7") {
  return judge_access(token, {right, path}, policies(), hosts, now);
}

constexpr auto later = "1767326645";

} // namespace

TEST_CASE("each policy allows what its name says and nothing else",
          "[access]") {
  const std::map<std::string, std::vector<access_right>> allowed{
    {"iothubowner",
     {registry_read, registry_write, service_connect, device_connect}},
    {"service", {service_connect}},
    {"device", {device_connect}},
    {"registryRead", {registry_read}},
    {"registryReadWrite", {registry_read, registry_write}}};
  REQUIRE(policies().size() == allowed.size());
  for (const auto& policy : policies())
    for (const auto right :
         {registry_read, registry_write, service_connect, device_connect}) {
      const auto& rights = allowed.at(policy.name);
      const auto may
        = std::find(rights.begin(), rights.end(), right) != rights.end();
      CAPTURE(policy.name, static_cast<int>(right));
      const auto token = token_of(policy.name, "hub.example.com",
                                  "1 of " + policy.name, later);
      CHECK(judged(token, right)
            == (may ? access_verdict::granted : access_verdict::no_right));
    }
}

TEST_CASE("either key of a policy signs, that of another does not",
          "[access]") {
  const auto with = [](std::string_view key) {
    return judged(token_of("service", "hub.example.com", key, later),
                  service_connect);
  };
  CHECK(with("1 of service") == access_verdict::granted);
  CHECK(with("2 of service") == access_verdict::granted);
  CHECK(with(base64_encode("1 of service")) == access_verdict::granted);
  CHECK(with("1 of iothubowner") == access_verdict::wrong_signature);
}

TEST_CASE("a token must name a policy that there is", "[access]") {
  for (const auto* const name : {"", "owner"})
    CHECK(judged(token_of(name, "hub.example.com", "k", later), service_connect)
          == access_verdict::no_policy);
  CHECK(judged(token_of("SERVICE", "hub.example.com", "1 of service", later),
               service_connect)
        == access_verdict::granted);
}

TEST_CASE("an expired token allows nothing", "[access]") {
  const auto at = [](const char* expiry) {
    return judged(
      token_of("service", "hub.example.com", "1 of service", expiry),
      service_connect);
  };
  CHECK(at("1767322745") == access_verdict::granted); // within the clock skew
  CHECK(at("1767322744") == access_verdict::expired);
}

TEST_CASE("a token counts for its host, and below its path", "[access]") {
  const auto for_resource
    = [](std::string_view resource, std::string_view path) {
        return judged(token_of("service", resource, "1 of service", later),
                      service_connect, path)
               == access_verdict::granted;
      };
  CHECK(for_resource("10.0.0.1", "/twins/a"));
  CHECK(for_resource("HUB.example.com/", "/twins/a"));
  CHECK(for_resource("sb://hub.example.com/hub",
                     "/hub/ConsumerGroups/$Default/Partitions/0"));
  CHECK(for_resource("hub.example.com/Twins/a", "/twins/a"));
  CHECK(for_resource("hub.example.com/twins/a", "/twins/a/methods"));
  CHECK_FALSE(for_resource("hub.example.com/twins/a", "/twins/ab"));
  CHECK_FALSE(for_resource("hub.example.com/twins/a", "/twins"));
  CHECK_FALSE(for_resource("other.example.com", "/twins/a"));
  CHECK_FALSE(for_resource("evil/hub.example.com", "/twins/a"));
}

TEST_CASE("connection strings of a policy name its hub", "[access]") {
  const access_policy policy{"service", {service_connect}, "a2V5", ""};
  CHECK(service_connection_string("hub.example.com", policy)
        == "HostName=hub.example.com;SharedAccessKeyName=service;"
           "SharedAccessKey=a2V5");
  CHECK(events_connection_string("hub.example.com", policy)
        == "Endpoint=sb://hub.example.com/;SharedAccessKeyName=service;"
           "SharedAccessKey=a2V5;EntityPath=hub");
}

TEST_CASE("rights and names of policies are read strictly", "[access]") {
  CHECK(parse_right("serviceconnect") == service_connect);
  CHECK_FALSE(parse_right("Service"));
  CHECK(right_names({registry_write, registry_read})
        == std::vector<std::string_view>{"RegistryRead", "RegistryWrite"});
  CHECK(valid_policy_name("reader-1"));
  CHECK_FALSE(valid_policy_name(""));
  CHECK_FALSE(valid_policy_name("a;b"));
  CHECK_FALSE(valid_policy_name(std::string(65, 'a')));
}

TEST_CASE("a token for one identity is for no other spelling", "[access]") {
  const auto for_resource
    = [](std::string_view resource, std::string_view path) {
        return judged(token_of("device", resource, "1 of device", later),
                      device_connect, path)
               == access_verdict::granted;
      };
  CHECK(for_resource("hub.example.com/devices/Pump", "/devices/Pump"));
  CHECK_FALSE(for_resource("hub.example.com/devices/Pump", "/devices/pump"));
  CHECK_FALSE(for_resource("hub.example.com/devices/a/modules/M",
                           "/devices/a/modules/m"));
  CHECK(for_resource("hub.example.com/Devices/a/Modules/m",
                     "/devices/a/modules/m"));
  // A device may be called as a part of the path is.
  CHECK_FALSE(for_resource("hub.example.com/devices/modules/modules/M",
                           "/devices/modules/modules/m"));
  SECTION("though clients escape it once or twice") {
    CHECK(for_resource("hub.example.com/devices/a%23b", "/devices/a#b"));
    CHECK(for_resource("hub.example.com/devices/a#b", "/devices/a#b"));
    CHECK(for_resource("hub.example.com/devices/a%23b", "/devices/a%23b"));
    CHECK(for_resource("hub.example.com/devices/a+b", "/devices/a+b"));
    CHECK(for_resource("hub.example.com/devices/a%2Bb", "/devices/a+b"));
    CHECK_FALSE(for_resource("hub.example.com/devices/a%23b", "/devices/a"));
  }
}
