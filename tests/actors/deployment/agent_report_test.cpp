#include "actors/deployment/agent_report.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
namespace json = boost::json;

namespace {

constexpr auto deployed = R"({
  "schemaVersion": "1.1",
  "runtime": {"type": "docker", "settings": {
    "minDockerVersion": "v1.25", "loggingOptions": "",
    "registryCredentials": {"plant": {
      "address": "reg.example.org", "username": "edge",
      "password": "s3cret"}}}},
  "systemModules": {
    "edgeAgent": {"type": "docker", "settings": {"image": "agent:2.1"},
      "env": {"UpstreamProtocol": {"value": "AmqpWs"}}},
    "edgeHub": {"type": "docker", "status": "running", "startupOrder": 0,
      "settings": {"image": "hub:2.1", "createOptions": "{\"a\":1}"}}},
  "modules": {
    "probe": {"type": "docker", "status": "running", "version": "3.0",
      "restartPolicy": "on-failure", "startupOrder": 10,
      "settings": {"image": "probe:3.0", "digest": "sha256:ab"},
      "env": {"PERIOD_MS": {"value": "500"}}},
    "report.night": {"type": "docker", "status": "stopped",
      "settings": {"image": "report"}}}
})";

agent_facts facts_of(const char* manifest) {
  agent_facts facts;
  facts.version = "1.2.3";
  facts.platform = {"Linux", "x86_64"};
  facts.status = {11, 200, ""};
  facts.started = 1'767'323'045'678;
  deployment::manifest_rules rules;
  rules.engine = deployment::engine_kind::docker;
  auto read = deployment::parse_manifest(manifest, rules);
  REQUIRE(read.ok());
  facts.deployed = std::make_shared<const deployment::manifest>(read.value);
  return facts;
}

module_status probe() {
  module_status status;
  status.name = "probe";
  status.image = "probe:3.0";
  status.image_hash = "sha256:cd";
  status.version = "3.0";
  status.status = runtime_status::backoff;
  status.exit_code = 1;
  status.last_start = 1'767'323'045'678;
  status.last_exit = 1'767'323'046'000;
  status.restarts = {2, 2, 0};
  return status;
}

json::value at(const json::object& in, const char* path) {
  return json::value(in).at_pointer(path);
}

} // namespace

TEST_CASE("an agent reports its modules as the cloud knows them",
          "[deployment]") {
  auto facts = facts_of(deployed);
  facts.modules = {probe()};
  const auto report = agent_report(facts);
  CHECK(at(report, "/modules") == json::parse(R"({"probe": {
    "type": "docker", "version": "3.0", "status": "running",
    "restartPolicy": "on-failure", "imagePullPolicy": "on-create",
    "startupOrder": 10, "exitCode": 1,
    "lastStartTimeUtc": "2026-01-02T03:04:05.6780000Z",
    "lastExitTimeUtc": "2026-01-02T03:04:06.0000000Z",
    "restartCount": 2, "lastRestartTimeUtc": "2026-01-02T03:04:06.0000000Z",
    "runtimeStatus": "backoff",
    "settings": {"image": "probe:3.0", "imageHash": "sha256:cd",
      "createOptions": "{}", "digest": "sha256:ab"},
    "env": {"PERIOD_MS": {"value": "500"}}}})"));
  CHECK(at(report, "/systemModules/edgeAgent") == json::parse(R"({
    "type": "docker", "exitCode": 0,
    "statusDescription": "part of Tidegate; its image is not started",
    "lastStartTimeUtc": "2026-01-02T03:04:05.6780000Z",
    "lastExitTimeUtc": "0001-01-01T00:00:00Z", "runtimeStatus": "running",
    "imagePullPolicy": "on-create", "startupOrder": 0,
    "settings": {"image": "agent:2.1", "imageHash": "", "createOptions": "{}"},
    "env": {"UpstreamProtocol": {"value": "AmqpWs"}}})"));
  CHECK(at(report, "/systemModules/edgeHub/restartPolicy") == "always");
  CHECK(at(report, "/systemModules/edgeHub/status") == "running");
  CHECK(at(report, "/systemModules/edgeHub/settings/createOptions")
        == R"({"a":1})");
  CHECK(at(report, "/runtime") == json::parse(R"({
    "type": "docker",
    "settings": {"minDockerVersion": "v1.25", "loggingOptions": "",
      "registryCredentials": {"plant": {"address": "reg.example.org",
        "username": "edge", "password": "*****"}}},
    "platform": {"os": "Linux", "architecture": "x86_64",
      "version": "1.2.3"}})"));
  CHECK(report.at("schemaVersion") == "1.0");
  CHECK(report.at("lastDesiredVersion") == 11);
  CHECK(at(report, "/version/version") == "1.2.3");
  CHECK(json::serialize(report).find("s3cret") == std::string::npos);
}

TEST_CASE("a report of modules", "[deployment]") {
  auto facts = facts_of(deployed);
  auto night = probe();
  night.name = "report.night";
  night.description = "exit code 7";
  facts.modules = {night};
  auto report = agent_report(facts);
  SECTION("has names that properties can have") {
    CHECK(at(report, "/modules").as_object().contains("report%2Enight"));
  }
  SECTION("says why, leaves out the order where there is none, and takes the "
          "time of the last exit where none of a restart is known") {
    const auto module = at(report, "/modules/report%2Enight").as_object();
    CHECK(module.at("statusDescription") == "exit code 7");
    CHECK_FALSE(module.contains("startupOrder"));
    CHECK_FALSE(module.at("settings").as_object().contains("digest"));
  }
  SECTION("leaves out what is not deployed any more") {
    facts.modules.front().name = "gone";
    CHECK(at(agent_report(facts), "/modules").as_object().empty());
  }
  SECTION("is the last known one, as unknown, when nothing is known") {
    auto later = facts;
    later.modules.clear();
    auto made = agent_report(later);
    forget_modules(made, report);
    CHECK(at(made, "/modules/report%2Enight/runtimeStatus") == "unknown");
    CHECK(at(made, "/systemModules/edgeHub/runtimeStatus") == "running");
  }
  SECTION("ends with a farewell") {
    const auto last = farewell_report(report);
    CHECK(
      last.at("lastDesiredStatus")
      == json::parse(R"({"code":406,"description":"Agent is not running"})"));
    CHECK(at(last, "/modules/report%2Enight/runtimeStatus") == "unknown");
    CHECK(at(last, "/systemModules/edgeAgent/runtimeStatus") == "unknown");
    CHECK(at(last, "/systemModules/edgeHub/runtimeStatus") == "unknown");
    CHECK(last.at("lastDesiredVersion") == 11);
  }
}

TEST_CASE("create options are reported in parts, cut between characters",
          "[deployment]") {
  auto facts = facts_of(deployed);
  auto changed = *facts.deployed;
  std::string letters;
  for (int i = 0; i < 600; ++i)
    letters += "ä";
  changed.modules.front().create_options = {{"Label", letters}};
  facts.deployed = std::make_shared<const deployment::manifest>(changed);
  facts.modules = {probe()};
  const auto settings
    = at(agent_report(facts), "/modules/probe/settings").as_object();
  std::string joined;
  for (const char* part :
       {"createOptions", "createOptions01", "createOptions02"}) {
    const std::string text{settings.at(part).as_string()};
    CHECK(text.size() <= 512);
    CHECK((static_cast<unsigned char>(text.front()) & 0xc0) != 0x80);
    joined += text;
  }
  CHECK(json::parse(joined).at("Label").as_string() == letters);
}

TEST_CASE("without a deployment the platform is reported", "[deployment]") {
  agent_facts facts;
  facts.platform = {"Linux", "x86_64"};
  facts.status = {1, 417, "nothing"};
  const auto report = agent_report(facts);
  CHECK(at(report, "/runtime/type") == "Unknown");
  CHECK_FALSE(at(report, "/runtime").as_object().contains("settings"));
  CHECK(at(report, "/modules").as_object().empty());
  CHECK(at(report, "/systemModules/edgeAgent/runtimeStatus") == "running");
}
