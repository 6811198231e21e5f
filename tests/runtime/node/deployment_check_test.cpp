#include "runtime/node/deployment_check.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
namespace json = boost::json;

namespace {

constexpr auto good = R"({"modulesContent": {
  "$edgeAgent": {"properties.desired": {
    "schemaVersion": "1.1", "runtime": {"type": "docker"},
    "systemModules": {}, "modules": {"m": {"type": "docker",
      "status": "running", "settings": {"image": "reg/m:1"}}}}},
  "$edgeHub": {"properties.desired": {"schemaVersion": "1.1",
    "routes": {"up": "FROM /messages/* INTO $upstream"}}},
  "m": {"properties.desired": {"limit": 3}}}})";

using problems = std::vector<std::string>;

/// The good manifest with `value` at `path`.
checked_deployment check_with(std::string_view path, json::value value) {
  auto document = json::parse(good);
  const auto end = path.rfind('/');
  document.at_pointer(path.substr(0, end)).as_object()[path.substr(end + 1)]
    = std::move(value);
  return check_deployment(json::serialize(document), std::nullopt);
}

} // namespace

TEST_CASE("a deployment that would be rolled out is good", "[deployment]") {
  const auto found = check_deployment(good, std::nullopt);
  CHECK(found.problems == problems{});
  CHECK(found.code == 200);
  CHECK(found.modules == 1);
}

TEST_CASE("what a roll-out would refuse is found before", "[deployment]") {
  SECTION("by the agent") {
    const auto found = check_with(
      "/modulesContent/$edgeAgent/properties.desired/modules/m/status", 7);
    CHECK(found.problems == problems{"modules.m.status: must be text"});
    CHECK(found.code == 400);
    CHECK(check_with("/modulesContent/$edgeAgent/properties.desired/"
                     "schemaVersion",
                     "2.0")
            .code
          == 412);
  }
  SECTION("by the hub's routes") {
    const auto found
      = check_with("/modulesContent/$edgeHub/properties.desired/routes/up",
                   "FROM nowhere INTO $upstream");
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].starts_with("$edgeHub: "));
    CHECK(found.code == 400);
  }
  SECTION("by the twins") {
    const auto found
      = check_with("/modulesContent/m/properties.desired/a b", 1);
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].starts_with("m: "));
  }
  SECTION("by an engine that is another one") {
    const auto found = check_deployment(good, deployment::manifest_rules{});
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].starts_with("runtime.type: "));
  }
  SECTION("by everybody") {
    CHECK(check_deployment("{", std::nullopt).problems.size() == 1);
    CHECK(check_deployment("[]", std::nullopt).problems.size() == 1);
  }
}

TEST_CASE("a manifest for the agent alone has a full form", "[deployment]") {
  CHECK(json::parse(full_manifest(R"({"schemaVersion":"1.1"})"))
        == json::parse(R"({"modulesContent":{"$edgeAgent":{
             "properties.desired":{"schemaVersion":"1.1"}}}})"));
  CHECK(full_manifest(good) == good);
  CHECK(full_manifest("{") == "{");
}
