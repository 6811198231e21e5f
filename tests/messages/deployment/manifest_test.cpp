#include "messages/deployment/manifest.hpp"

#include "messages/deployment/artifact.hpp"
#include "support/vectors.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::deployment;

namespace {

/// Two modules as processes, in the bare form.
constexpr auto two_modules = R"({
  "schemaVersion": "1.1",
  "runtime": {"type": "process"},
  "systemModules": {},
  "modules": {
    "filter": {
      "type": "process", "status": "running", "restartPolicy": "always",
      "settings": {
        "image": "filter",
        "createOptions": "{\"Cmd\":[\"-v\"],\"HostConfig\":{\"Memory\":67108864}}"
      },
      "env": {"THRESHOLD": {"value": "3"}}
    },
    "host-sensor": {
      "type": "process", "status": "stopped", "startupOrder": 1,
      "settings": {"image": "/opt/sensor/bin/sensor"}
    }
  }
})";

boost::json::object bare() {
  return boost::json::parse(two_modules).as_object();
}

manifest_result read(const boost::json::value& document) {
  return parse_manifest(boost::json::serialize(document), manifest_rules{});
}

/// All errors, one per line.
std::string said(const manifest_result& result) {
  std::string text;
  for (const auto& error : result.errors)
    text += to_string(error) + '\n';
  return text;
}

/// Reads the bare manifest with `change` made to the module `filter`.
template <class Change>
manifest_result read_with(Change change) {
  auto document = bare();
  change(document["modules"].as_object()["filter"].as_object());
  return read(document);
}

const module_spec& find(const manifest& in, std::string_view name) {
  if (name == "edgeHub")
    return in.hub.value();
  if (name == "edgeAgent")
    return in.agent.value();
  for (const auto& spec : in.modules)
    if (spec.name == name)
      return spec;
  throw std::runtime_error{"no such module"};
}

/// The value at `modules.m.restartPolicy` and the like.
boost::json::value at_path(const manifest& in, std::string_view key) {
  std::string path{key};
  path.erase(0, path.find('.') + 1);
  const auto dot = path.find('.');
  const auto& spec = find(in, path.substr(0, dot));
  const auto field = path.substr(dot + 1);
  if (field == "restartPolicy")
    return boost::json::value(to_string(spec.restart));
  if (field == "imagePullPolicy")
    return spec.pull ? "on-create" : "never";
  if (field == "startupOrder")
    return spec.startup_order;
  if (field == "version")
    return boost::json::value(spec.version);
  if (field == "status")
    return spec.running ? "running" : "stopped";
  if (field == "settings.image")
    return boost::json::value(spec.image);
  if (field == "settings.createOptions")
    return boost::json::value(boost::json::serialize(spec.create_options));
  if (field.starts_with("env."))
    return boost::json::value(spec.env.at(field.substr(4)));
  throw std::runtime_error{"unknown field " + field};
}

} // namespace

TEST_CASE("manifests are judged as the vectors say", "[deployment]") {
  manifest_rules rules;
  rules.engine = engine_kind::docker;
  const auto vectors = read_vectors("agent-manifest.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& entry = item.as_object();
    INFO(text_or_empty(entry, "id"));
    const auto result
      = read_agent_desired(entry.at("desired").as_object(), rules);
    INFO(said(result));
    CHECK(result.code() == entry.at("expectCode").to_number<int>());
    if (const auto* normal = entry.at("expectNormalized").if_object())
      for (const auto& [path, value] : *normal)
        CHECK(at_path(result.value, path) == value);
  }
}

TEST_CASE("a bare manifest gives its modules in the order to start them",
          "[deployment]") {
  const auto result = parse_manifest(two_modules, {});
  INFO(said(result));
  REQUIRE(result.ok());
  REQUIRE(result.value.modules.size() == 2);
  const auto& sensor = result.value.modules[0];
  const auto& filter = result.value.modules[1];
  CHECK(sensor.name == "host-sensor");
  CHECK_FALSE(sensor.running);
  CHECK(sensor.restart == restart_when::on_unhealthy);
  CHECK(sensor.image == "/opt/sensor/bin/sensor");
  CHECK(filter.restart == restart_when::always);
  CHECK(filter.startup_order == last_in_order);
  CHECK(filter.env.at("THRESHOLD") == "3");
  CHECK(filter.process.command == std::vector<std::string>{"-v"});
  CHECK(filter.process.limits.memory == 67'108'864u);
}

TEST_CASE("the full form brings routes along", "[deployment]") {
  const boost::json::value document{
    {"modulesContent",
     {{"$edgeAgent", {{"properties.desired", bare()}}},
      {"$edgeHub",
       {{"properties.desired",
         {{"routes", {{"up", "FROM /messages/* INTO $upstream"}}}}}}},
      {"filter", {{"properties.desired", {{"limit", 5}}}}}}}};
  const auto result = read(document);
  INFO(said(result));
  REQUIRE(result.ok());
  CHECK(result.value.modules.size() == 2);
  CHECK(result.value.hub_desired.contains("routes"));
  CHECK(result.value.module_desired.at("filter").at("limit") == 5);
}

TEST_CASE("errors name the field and come all at once", "[deployment]") {
  const auto result = read_with([](boost::json::object& filter) {
    filter["status"] = "paused";
    filter["startupOrder"] = -1;
    filter["settings"].as_object()["createOptions"] = "{\"Cmd\":";
    filter["env"] = {{"IOTEDGE_DEVICEID", {{"value", "x"}}}};
  });
  CHECK(result.code() == 400);
  const auto text = said(result);
  INFO(text);
  CHECK(text.find("modules.filter.status: must be") != std::string::npos);
  CHECK(text.find("modules.filter.startupOrder: must be") != std::string::npos);
  CHECK(text.find("modules.filter.settings.createOptions: is not JSON")
        != std::string::npos);
  CHECK(text.find("modules.filter.env.IOTEDGE_DEVICEID: is set by the gateway")
        != std::string::npos);
}

TEST_CASE("a manifest for containers is refused with the reason",
          "[deployment]") {
  auto document = bare();
  document["runtime"].as_object()["type"] = "docker";
  const auto result = read(document);
  CHECK(result.code() == 400);
  CHECK(said(result)
        == "runtime.type: is docker, but this gateway runs modules with the "
           "engine process\n");
}

TEST_CASE("broken text is refused with its line", "[deployment]") {
  CHECK(said(parse_manifest("{\n\"a\": ]", {})).starts_with("line 2: "));
  CHECK(said(parse_manifest("", {})).starts_with("line 1: "));
  CHECK(said(parse_manifest("[1]", {})) == "the manifest must be an object\n");
  CHECK(parse_manifest("{}", {}).code() == 417);
  CHECK(parse_manifest(R"({"modulesContent": {"$edgeAgent": {}}})", {}).code()
        == 417);
  CHECK(parse_manifest(R"({"modulesContent": {}})", {}).code() == 400);
}

TEST_CASE("a manifest and its names have a largest size", "[deployment]") {
  CHECK(said(parse_manifest(std::string(longest_manifest, ' '), {}))
          .starts_with("line 1: "));
  CHECK(said(parse_manifest(std::string(longest_manifest + 1, ' '), {}))
        == "the manifest is longer than 4 MiB\n");
  const auto code_of = [](std::size_t length) {
    auto document = bare();
    auto& modules = document["modules"].as_object();
    modules[std::string(length, 'm')] = modules["filter"];
    return read(document).code();
  };
  CHECK(code_of(longest_module_name) == 200);
  CHECK(code_of(longest_module_name + 1) == 400);
}

TEST_CASE("names that cannot be a file are refused", "[deployment]") {
  for (const auto* name :
       {"", "../x", "a/b", ".hidden", "$edgeHub", "edgeHub", "with blank"}) {
    auto document = bare();
    auto& modules = document["modules"].as_object();
    modules[name] = modules["filter"];
    INFO(name);
    CHECK(read(document).code() == 400);
  }
}

TEST_CASE("an image is a path or the name of a program", "[deployment]") {
  const auto code_of = [](const char* image) {
    return read_with([&](boost::json::object& filter) {
             filter["settings"].as_object()["image"] = image;
           })
      .code();
  };
  CHECK(code_of("/usr/bin/true") == 200);
  CHECK(code_of(" filter ") == 200);
  CHECK(code_of("filter:1.0") == 200);
  CHECK(code_of("file:///srv/filter.tar.gz") == 200);
  CHECK(code_of("https://files.plant.example:8443/filter.zip?v=1") == 200);
  for (const auto* wrong :
       {"bin/filter", "..", "", "filter:", ":1", "filter:1:2", "filter:..",
        "filter:a/b", "file://host/x", "file:///a%2f", "ftp://host/x",
        "https://u:p@host/x", "https://host", "https:///x", "https://h/x#y"}) {
    INFO(wrong);
    CHECK(code_of(wrong) == 400);
  }
}

TEST_CASE("a digest is checked, and makes plain HTTP safe", "[deployment]") {
  const auto code_of = [](const char* image, const std::string& digest) {
    return read_with([&](boost::json::object& filter) {
             auto& settings = filter["settings"].as_object();
             settings["image"] = image;
             settings["digest"] = digest;
           })
      .code();
  };
  const std::string hex(64, 'a');
  CHECK(code_of("filter", hex) == 200);
  CHECK(code_of("filter", "sha256:" + hex) == 200);
  CHECK(code_of("filter", "sha256:A" + hex.substr(1)) == 400);
  CHECK(code_of("filter", "sha256:" + hex + 'a') == 400);
  CHECK(code_of("http://host/x", hex) == 200);
  CHECK(code_of("http://host/x", "") == 400);
}

TEST_CASE("an artifact is known by how it is named", "[deployment]") {
  using kind = artifact_reference::kind;
  const auto stored = parse_artifact("filter:1.0");
  CHECK(stored.what == kind::stored);
  CHECK(stored.name == "filter");
  CHECK(stored.version == "1.0");
  CHECK(parse_artifact("filter").what == kind::program);
  CHECK(parse_artifact("/opt/a:b").what == kind::program);
  CHECK(parse_artifact("file:///a:b").name == "/a:b");
  CHECK(parse_artifact("https://h:1/a").what == kind::web);
}

TEST_CASE("the hash of a spec changes with what needs a new process",
          "[deployment]") {
  const auto hash_with = [](auto change) {
    const auto result = read_with(change);
    REQUIRE(result.ok());
    return find(result.value, "filter").hash;
  };
  const auto hash = hash_with([](boost::json::object&) {});
  CHECK(hash.size() == 64);
  CHECK(hash == hash_with([](boost::json::object& filter) {
          filter["status"] = "stopped";
          filter["settings"].as_object()["createOptions"]
            = "{\"HostConfig\": {\"Memory\": 67108864}, \"Cmd\": [\"-v\"]}";
        }));
  CHECK(hash != hash_with([](boost::json::object& filter) {
          filter["version"] = "2";
        }));
  CHECK(hash != hash_with([](boost::json::object& filter) {
          filter["env"] = {{"THRESHOLD", {{"value", "4"}}}};
        }));
}
