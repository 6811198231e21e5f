#include "messages/deployment/image.hpp"
#include "messages/deployment/manifest.hpp"
#include "messages/deployment/registry_auth.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::deployment;

namespace {

std::string normalized(const boost::json::object& entry) {
  const auto image = container_image(text_or_empty(entry, "image"),
                                     text_or_empty(entry, "parentHostname"));
  return image.problem.empty() ? image.text : "ERROR";
}

std::vector<registry_credential> known(const boost::json::object& entry) {
  std::vector<registry_credential> all;
  for (const auto* list : {"deploymentCreds", "envCreds"})
    for (const auto& item : entry.at(list).as_array())
      all.push_back({"",
                     text_or_empty(item.as_object(), "address"),
                     text_or_empty(item.as_object(), "username"),
                     {}});
  return all;
}

std::string user(const boost::json::object& entry) {
  const auto all = known(entry);
  const auto* found = credential_for(text_or_empty(entry, "image"), all);
  return found ? found->user : "";
}

std::string header(const boost::json::object& entry) {
  const auto& auth = entry.at("auth").as_object();
  return registry_auth({"", text_or_empty(auth, "serveraddress"),
                        text_or_empty(auth, "username"),
                        text_or_empty(auth, "password")});
}

} // namespace

TEST_CASE("images, registries and credentials are as the vectors say",
          "[deployment]") {
  const auto vectors = read_vectors("agent-image-auth.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& entry = item.as_object();
    const auto op = text_or_empty(entry, "op");
    INFO(text_or_empty(entry, "id"));
    if (op == "normalizeImage")
      CHECK(normalized(entry) == text_or_empty(entry, "expect"));
    else if (op == "registryDomain")
      CHECK(registry_domain(text_or_empty(entry, "image")).value_or("")
            == text_or_empty(entry, "expect"));
    else if (op == "selectAuth")
      CHECK(user(entry) == text_or_empty(entry, "expectUser"));
    else if (op == "xRegistryAuth")
      CHECK(header(entry) == text_or_empty(entry, "expect"));
    else
      FAIL("an unknown case");
  }
}

TEST_CASE("the address of a registry at the parent is the parent's",
          "[deployment]") {
  manifest_rules rules;
  rules.engine = engine_kind::docker;
  rules.parent_host = "parent1";
  const auto read = parse_manifest(R"({"schemaVersion":"1.1","runtime":{
    "type":"docker","settings":{"registryCredentials":{"up":{
    "address":"$upstream:443","username":"u","password":"p"}}}},
    "systemModules":{},"modules":{"m":{"type":"docker","status":"running",
    "settings":{"image":"$upstream:443/m:1"}}}})",
                                   rules);
  REQUIRE(read.ok());
  const auto& image = read.value.modules.at(0).image;
  CHECK(image == "parent1:443/m:1");
  const auto* found = credential_for(image, read.value.registries);
  REQUIRE(found);
  CHECK(found->address == "parent1:443");
}

TEST_CASE("create options of a container are checked with the manifest",
          "[deployment]") {
  manifest_rules rules;
  rules.engine = engine_kind::docker;
  const auto read = parse_manifest(R"({"schemaVersion":"1.1",
    "runtime":{"type":"docker"},"systemModules":{},"modules":{"m":{
    "type":"docker","status":"running","settings":{"image":"m",
    "createOptions":"{\"HostConfig\":7}"}}}})",
                                   rules);
  REQUIRE(read.errors.size() == 1);
  CHECK(read.code() == 400);
  CHECK(to_string(read.errors.front())
        == "modules.m.settings.createOptions.HostConfig: must be an object");
}
