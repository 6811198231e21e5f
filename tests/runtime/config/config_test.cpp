#include "runtime/config/config.hpp"
#include "runtime/config/values.hpp"
#include "runtime/node/profile.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>
#include <fstream>

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
key = "gw.key"
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

TEST_CASE("a bad route says file, line, key and column", "[config]") {
  CHECK_THAT(only_error("[routes]\n\nup = \"FROM /messages/* INTO nowhere\"\n"),
             Catch::StartsWith("/etc/tidegate.toml:3: routes.up: column "));
}

TEST_CASE("a route can say more than where messages go", "[config]") {
  const auto result = parse_config(R"x(
[routes]
plain = "FROM /* INTO $upstream"
[routes.alarms]
route = "FROM /* WHERE level = 'alarm' INTO $upstream"
priority = 0
time_to_live = "2h"
on_full = "drop-lowest-priority"
)x",
                                   "/etc/tidegate.toml");
  REQUIRE(result.errors.empty());
  CHECK(result.value.routes.at("plain") == "FROM /* INTO $upstream");
  const auto& alarms = result.value.routes.at("alarms").get_object();
  CHECK(alarms.at("priority") == 0);
  CHECK(alarms.at("timeToLiveSecs") == 7200);
  CHECK(alarms.at("onFull") == "drop-lowest-priority");
}

TEST_CASE("a bad key of a route is named with its line", "[config]") {
  const auto error = [](const std::string& line) {
    return only_error("[routes.up]\nroute = \"FROM /* INTO $upstream\"\n" + line
                      + '\n');
  };
  CHECK_THAT(error("on_full = \"drop\""),
             Catch::Contains("routes.up.on_full: must be \"reject\", "));
  CHECK(error("priority = 10")
        == "/etc/tidegate.toml:1: routes.up.priority: must be a whole number "
           "from 0 (first) to 9");
  CHECK_THAT(error("time_to_live = \"-1\""),
             Catch::Contains("routes.up.time_to_live: must be 1 to "));
  CHECK_THAT(error("onfull = \"reject\""),
             Catch::Contains("did you mean on_full?"));
  CHECK_THAT(only_error("[routes.up]\npriority = 1\n"),
             Catch::Contains("routes.up.route: is missing"));
}

TEST_CASE("a store too small to hold anything is refused", "[config]") {
  CHECK_THAT(only_error("[store]\nquota = 0\n"),
             Catch::Contains("store.quota") && Catch::Contains("16 MiB"));
  CHECK_THAT(only_error("[store]\nquota = \"99999999999 TiB\"\n"),
             Catch::Contains("store.quota"));
}

TEST_CASE("what is no configuration file is refused with its name",
          "[config][io]") {
  const temporary_folder folder;
  const auto only = [](const std::filesystem::path& file) {
    const auto result = load_config(file);
    REQUIRE(result.errors.size() == 1);
    return to_string(result.errors.front());
  };
  const auto file = folder.path() / "tidegate.toml";
  CHECK_THAT(only(folder.path()), Catch::Contains(folder.path().string())
                                    && Catch::Contains("is a folder"));
  CHECK_THAT(only(file), Catch::Contains("No such file"));
  std::ofstream{file} << std::string((1 << 20) + 1, '#');
  CHECK_THAT(only(file), Catch::Contains("longer than 1 MiB"));
  std::ofstream{file} << "[node]\nhost = \"\xff\xfe\"\n";
  CHECK_THAT(only(file), Catch::Contains(file.string() + ":2"));
}

TEST_CASE("broken TOML is an error with its line", "[config]") {
  CHECK_THAT(only_error("[store\n"), Catch::StartsWith("/etc/tidegate.toml:1"));
}

TEST_CASE("every error is reported, not just the first", "[config]") {
  const auto result
    = parse_config("[store]\nquota = \"x\"\nfoo = 1\n", "/etc/tidegate.toml");
  CHECK(result.errors.size() == 2);
}

TEST_CASE("a certificate comes with its key", "[config]") {
  CHECK_THAT(only_error("[tls]\ncertificate = \"a.pem\"\n"),
             Catch::Contains("tls.certificate"));
  CHECK_THAT(only_error("[tls]\nissuer_key = \"a.key\"\n"),
             Catch::Contains("tls.issuer_certificate"));
  CHECK(parse_config("[listeners]\nmqtts = \"*:8883\"\n", "/etc/t.toml")
          .errors.empty());
}

TEST_CASE("a switch is true or false", "[config]") {
  CHECK_FALSE(
    parse_config("[tls]\nclient_certificates = false\n", "/etc/t.toml")
      .value.tls.client_certificates);
  CHECK_THAT(only_error("[tls]\nclient_certificates = \"no\"\n"),
             Catch::Contains("true or false"));
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

namespace {

std::string with_broker(const std::string& more) {
  return "[parent]\nprotocol = \"mqtt\"\n[parent.mqtt]\n"
         "address = \"broker\"\n"
         + more;
}

} // namespace

TEST_CASE("a broker as the parent makes a node that is no hub", "[config]") {
  const auto result = parse_config(
    with_broker("tls = false\nkeep_alive = \"30s\"\n"), "/etc/tidegate.toml");
  REQUIRE(result.errors.empty());
  CHECK_FALSE(result.value.is_hub());
  CHECK(result.value.has_broker());
  CHECK_FALSE(result.value.parent.mqtt.tls);
  CHECK(result.value.parent.mqtt.keep_alive == 30s);
  CHECK_FALSE(result.value.parent.mqtt.clean_session);
}

TEST_CASE("a topic that cannot work says file, line and key", "[config]") {
  CHECK(only_error(with_broker("telemetry = \"a/{devcie}\"\n"))
        == "/etc/tidegate.toml:5: parent.mqtt.telemetry: {devcie} is not a "
           "known place; known are {edge}, {device}, {module}, {output}");
  CHECK_THAT(only_error(with_broker("telemetry = \"\"\n")),
             Catch::Contains("5: parent.mqtt.telemetry: needs {edge}"));
  CHECK_THAT(only_error(with_broker("telemetry = \"{output}\"\n")),
             Catch::Contains("5: parent.mqtt.telemetry: needs {edge}"));
  CHECK_THAT(only_error(with_broker("commands = \"c/{edge}\"\n")),
             Catch::Contains("5: parent.mqtt.commands: needs {device}"));
  CHECK_THAT(only_error(with_broker("commands = \"c/{device}/{output}\"\n")),
             Catch::Contains("{output} is not a known place"));
  CHECK(parse_config(with_broker("commands = \"\"\n"), "/x").errors.empty());
}

TEST_CASE("what does not fit together about a broker is refused", "[config]") {
  CHECK_THAT(only_error("[parent]\nprotocol = \"mqtt\"\n"),
             Catch::Contains("parent.mqtt.address"));
  CHECK_THAT(only_error("[parent]\nprotocol = \"mqtt\"\nconnection = \"x\"\n"
                        "[parent.mqtt]\naddress = \"b\"\n"),
             Catch::Contains("parent.connection"));
  CHECK_THAT(only_error(with_broker("certificate = \"a.pem\"\n")),
             Catch::Contains("belong together"));
  CHECK_THAT(only_error(with_broker("password = \"a\"\n")),
             Catch::Contains("a password needs a user"));
  CHECK_THAT(only_error(with_broker(
               "user = \"u\"\npassword = \"a\"\npassword_file = \"b\"\n")),
             Catch::Contains("not both"));
  CHECK_THAT(only_error(with_broker("tls = \"yes\"\n")),
             Catch::Contains("must be true or false"));
  CHECK_THAT(only_error(with_broker("adress = \"b\"\n")),
             Catch::Contains("did you mean parent.mqtt.address?"));
}

TEST_CASE("a broker's node decides about identities itself", "[config]") {
  const auto read = parse_config(
    with_broker("") + "[node]\nhost = \"gw\"\ndevice = \"edge-1\"\n", "/x");
  const auto who = make_profile(read.value);
  REQUIRE(who);
  CHECK_FALSE(who->is_hub());
  CHECK(who->is_authority());
  CHECK(who->device == "edge-1");
}

TEST_CASE("the samples are right", "[config]") {
  for (const auto* name : {"hub", "gateway", "broker"}) {
    const auto read = load_config(vectors_folder() / "../../deploy"
                                  / (name + std::string{".toml"}));
    for (const auto& error : read.errors)
      FAIL(to_string(error));
  }
}

TEST_CASE("only a parent that knows identities checks tokens", "[config]") {
  const std::string mode = "[node]\nauthentication = \"cloud-and-scope\"\n";
  CHECK(only_error(mode)
        == "/etc/tidegate.toml: node.authentication: is scope where no parent "
           "checks tokens: parent.connection names one");
  CHECK(parse_config(mode + "[parent]\nconnection = \"HostName=h\"\n",
                     "/etc/tidegate.toml")
          .errors.empty());
}

TEST_CASE("the container engine has keys of its own", "[config]") {
  const auto read = parse_config(R"(
[modules]
engine = "docker"
[modules.docker]
socket = "run/docker.sock"
network = "host"
elevated = false
image_cleanup_period = "2d"
image_cleanup_time = "03:30"
image_age = "36h"
)",
                                 "/etc/tidegate.toml");
  REQUIRE(read.errors.empty());
  const auto& docker = read.value.modules.docker;
  CHECK(docker.socket == "/etc/run/docker.sock");
  CHECK_FALSE(docker.elevated);
  CHECK(docker.image_cleanup);
  CHECK(docker.image_cleanup_period == std::chrono::days{2});
  CHECK(docker.image_cleanup_time == 210min);
  CHECK(docker.image_age == 36h);
  const auto one = [](const std::string& line) {
    return only_error("[modules.docker]\n" + line);
  };
  for (const auto* text : {"0d", "36h", "1", ""})
    CHECK(one("image_cleanup_period = \"" + std::string{text} + '"')
            .find("must be whole days")
          != std::string::npos);
  for (const auto* text : {"24:00", "12:60", "1:00", "12-00", "-1:00", "1x:00"})
    CHECK(one("image_cleanup_time = \"" + std::string{text} + '"')
            .find("must be a time of day")
          != std::string::npos);
}

TEST_CASE("lists of names and networks are read strictly", "[config]") {
  const auto result = parse_config("[node]\nagent_callers = [\"console\"]\n"
                                   "upload_networks = [\"10.0.0.0/8\"]\n",
                                   "/etc/t.toml");
  REQUIRE(result.errors.empty());
  CHECK(result.value.node.agent_callers == std::vector<std::string>{"console"});
  CHECK_FALSE(result.value.node.upload_plain_http);
  CHECK(parse_config("", "/etc/t.toml").value.node.agent_callers.empty());
  CHECK_THAT(only_error("[node]\nagent_callers = \"console\"\n"),
             Catch::Contains("node.agent_callers: must be a list"));
  CHECK_THAT(only_error("[node]\nagent_callers = [\"a/b\"]\n"),
             Catch::Contains("`a/b` is no name of a module"));
  CHECK_THAT(only_error("[node]\nupload_networks = [\"10.0.0.0/99\"]\n"),
             Catch::Contains("`10.0.0.0/99` is no network"));
}
