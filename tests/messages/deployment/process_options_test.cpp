#include "messages/deployment/process_options.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace tidegate::deployment;
using namespace std::chrono_literals;

namespace {

struct reading {
  process_options options;
  field_errors errors;
};

reading read(const char* text, limit_support support = {}) {
  reading result;
  const auto document = boost::json::parse(text).as_object();
  result.options = read_process_options(
    field_reader{document, "createOptions", result.errors}, support);
  return result;
}

/// The only error of reading `text`; empty when there is none.
std::string error_of(const char* text) {
  const auto result = read(text);
  REQUIRE(result.errors.size() <= 1);
  return result.errors.empty() ? "" : to_string(result.errors.front());
}

} // namespace

TEST_CASE("a module's folders are read", "[deployment]") {
  const auto result = read(R"({"HostConfig": {
    "Binds": ["/srv/a:/data", "logs:/logs:rw"],
    "Mounts": [{"Type": "volume", "Source": "db", "Target": "/db"}]}})");
  REQUIRE(result.errors.empty());
  CHECK(result.options.volumes
        == std::vector<volume>{
          {"/srv/a", "/data"}, {"logs", "/logs"}, {"db", "/db"}});
  for (const auto* wrong :
       {R"("Binds": ["/a"])", R"("Binds": ["/a:/b:ro"])",
        R"("Binds": ["/a:/b:z"])", R"("Binds": ["../a:/b"])",
        R"("Binds": ["/a:b"])", R"("Mounts": {})", R"("Mounts": [1])",
        R"("Mounts": [{"Type": "tmpfs", "Source": "a", "Target": "/b"}])",
        R"("Mounts": [{"Type": "bind", "Source": "/a", "Target": "/b",
                       "ReadOnly": true}])"}) {
    INFO(wrong);
    CHECK_FALSE(
      error_of((std::string{R"({"HostConfig": {)"} + wrong + "}}").c_str())
        .empty());
  }
}

TEST_CASE("create options of a container mean the same for a process",
          "[deployment]") {
  const auto result = read(R"({
    "Entrypoint": ["/usr/bin/python3"], "Cmd": ["-m", "filter"],
    "WorkingDir": "/srv/filter", "Env": ["A=1=2", "FLAG"], "User": "1000:1000",
    "StopTimeout": 3, "Hostname": "ignored",
    "HostConfig": {
      "Memory": 67108864, "PidsLimit": -1, "NetworkMode": "host",
      "Ulimits": [{"Name": "nofile", "Soft": 100, "Hard": -1}],
      "PortBindings": {"8080/tcp": [{"HostPort": "8080"}]}}})");
  CHECK(result.errors.empty());
  const auto& options = result.options;
  CHECK(options.entrypoint == std::vector<std::string>{"/usr/bin/python3"});
  CHECK(options.command == std::vector<std::string>{"-m", "filter"});
  CHECK(options.working_folder == "/srv/filter");
  CHECK(options.env.at("A") == "1=2");
  CHECK(options.env.at("FLAG").empty());
  CHECK(options.user == "1000:1000");
  CHECK(options.stop_grace == 3s);
  CHECK(options.limits.memory == 67'108'864u);
  CHECK_FALSE(options.limits.pids);
  CHECK(options.limits.ulimits
        == std::vector<ulimit>{{"nofile", 100, std::nullopt}});
}

TEST_CASE("a health check is a command or the client's session",
          "[deployment]") {
  const auto check = [](const char* text) {
    const auto result = read(text);
    CHECK(result.errors.empty());
    return result.options.health;
  };
  const auto probe = check(R"({"Healthcheck": {"Test": ["CMD", "probe", "-q"],
    "Interval": 2000000000, "Timeout": 500000000, "Retries": 2}})");
  REQUIRE(probe);
  CHECK(probe->command == std::vector<std::string>{"probe", "-q"});
  CHECK(probe->interval == 2s);
  CHECK(probe->timeout == 500ms);
  CHECK(probe->retries == 2);
  CHECK(
    check(R"({"Healthcheck": {"Test": ["CMD-SHELL", "test -e ok"]}})")->command
    == std::vector<std::string>{"/bin/sh", "-c", "test -e ok"});
  CHECK(check(R"({"Healthcheck": {"clientSession": true}})")->command.empty());
  CHECK(
    check(R"({"Healthcheck": {"Test": ["HTTP", "http://[::1]:80/h?x"]}})")->url
    == "http://[::1]:80/h?x");
  CHECK_FALSE(check(R"({"Healthcheck": {"Test": ["NONE"]}})"));
}

TEST_CASE("what the process engine cannot honour is an error", "[deployment]") {
  CHECK(error_of(R"({"Tty": true})")
        == "createOptions.Tty: is not supported for process modules");
  CHECK(error_of(R"({"HostConfig": {"Devices": ["/a:/b"]}})")
        == "createOptions.HostConfig.Devices: is not supported for process "
           "modules");
  CHECK(
    error_of(R"({"HostConfig": {"NanoCpus": 500000000}})")
      .starts_with("createOptions.HostConfig.NanoCpus: cannot be enforced"));
  CHECK(error_of(R"({"HostConfig": {"PidsLimit": 10}})")
          .starts_with("createOptions.HostConfig.PidsLimit: cannot be"));
  CHECK(error_of(R"({"HostConfig": {"Privileged": true}})")
          .starts_with("createOptions.HostConfig.Privileged"));
  CHECK(error_of(R"({"HostConfig": {"PortBindings":
          {"80/tcp": [{"HostPort": "8080"}]}}})")
          .starts_with("createOptions.HostConfig.PortBindings.80/tcp"));
  CHECK(error_of(R"({"HostConfig": {"Ulimits":
          [{"Name": "rope", "Soft": 1, "Hard": 1}]}})")
          .starts_with("createOptions.HostConfig.Ulimits.Name"));
  CHECK(error_of(R"({"HostConfig": {"Memory": 1000}})")
          .starts_with("createOptions.HostConfig.Memory: must be at least"));
  for (const auto* page : {"https://a/", "http:///x", "http://u:p@a/", "x"})
    CHECK(error_of((R"({"Healthcheck": {"Test": ["HTTP", ")" + std::string{page}
                    + R"("]}})")
                     .c_str())
            .starts_with("createOptions.Healthcheck.Test"));
  CHECK(error_of(R"({"Healthcheck": {"Test": ["CMD"]}})")
          .starts_with("createOptions.Healthcheck.Test"));
}

TEST_CASE("limits of the whole module are taken where they can be enforced",
          "[deployment]") {
  const auto result
    = read(R"({"HostConfig": {"NanoCpus": 500000000, "PidsLimit": 10}})",
           {true, true});
  CHECK(result.errors.empty());
  CHECK(result.options.limits.nano_cpus == 500'000'000u);
  CHECK(result.options.limits.pids == 10u);
}
