#include "messages/deployment/create_body.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::deployment;

namespace {

std::map<std::string, std::string> texts(const boost::json::value& from) {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : from.as_object())
    all[name] = value.as_string().c_str();
  return all;
}

/// The reference also makes a container of its agent, with its socket and its
/// own specification as labels; the gateway is its own agent.
void add_agent_rules(const boost::json::object& entry, container_rules& rules) {
  rules.binds.emplace_back("/var/run/iotedge/mgmt.sock:"
                           "/var/run/iotedge/mgmt.sock");
  rules.labels["net.azure-devices.edge.create-options"]
    = boost::json::serialize(entry.at("createOptions"));
  boost::json::object env;
  for (const auto& [name, value] : entry.at("env").as_object())
    env[name] = {{"value", value}};
  rules.labels["net.azure-devices.edge.env"] = boost::json::serialize(env);
}

boost::json::object body_of(const boost::json::object& entry) {
  module_spec spec;
  spec.name = text_or_empty(entry, "module");
  spec.image = text_or_empty(entry, "image");
  spec.create_options = entry.at("createOptions").as_object();
  auto env = texts(entry.at("injectedEnv"));
  env.merge(texts(entry.at("env")));
  container_rules rules;
  rules.binds.push_back("/var/lib/aziot/edged/mnt/" + spec.name
                        + ".sock:/var/run/iotedge/workload.sock");
  rules.network = "azure-iot-edge";
  if (spec.name == "edgeHub")
    rules.aliases.emplace_back("gw1");
  if (spec.name == "edgeAgent")
    add_agent_rules(entry, rules);
  if (const auto* elevated
      = entry.at("options").as_object().if_contains("elev"))
    rules.elevated = elevated->as_bool();
  return create_body(spec, env, rules);
}

boost::json::object body_with(const char* options,
                              const container_rules& rules) {
  module_spec spec;
  spec.image = "m:1";
  spec.create_options = boost::json::parse(options).as_object();
  return create_body(spec, {}, rules);
}

std::vector<std::string> problems(const char* options) {
  const auto parsed = boost::json::parse(options);
  field_errors errors;
  check_container_options(field_reader{parsed.as_object(), "", errors});
  std::vector<std::string> all;
  for (const auto& error : errors)
    all.push_back(to_string(error));
  return all;
}

using texts_list = std::vector<std::string>;

} // namespace

TEST_CASE("containers are created as the vectors say", "[deployment]") {
  const auto vectors = read_vectors("agent-createoptions.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& entry = item.as_object();
    if (text_or_empty(entry, "op") != "buildCreateBody")
      continue;
    INFO(text_or_empty(entry, "id"));
    const boost::json::value body = body_of(entry);
    INFO(boost::json::serialize(body));
    CHECK(body == entry.at("expect"));
  }
}

TEST_CASE("names in create options are read without case", "[deployment]") {
  container_rules lowered;
  lowered.elevated = false;
  const auto body = body_with(R"({"hostconfig":{"privileged":true,
    "capadd":["ALL"],"CAPDROP":["SETUID","MKNOD"]},"env":["A=1"],"IMAGE":"x"})",
                              lowered);
  CHECK(boost::json::value(body.at("HostConfig"))
        == boost::json::parse(
          R"({"Privileged":false,"CapDrop":["CHOWN","SETUID","MKNOD"]})"));
  CHECK(body.at("Env") == boost::json::value{"A=1"});
  CHECK(body.at("Image") == "m:1");
  CHECK_FALSE(body.contains("hostconfig"));
  CHECK_FALSE(body.contains("IMAGE"));
}

TEST_CASE("a module without endpoints shares the machine's network where that "
          "is the rule",
          "[deployment]") {
  container_rules rules;
  rules.network = "host";
  rules.hosts = {"gw:127.0.0.1"};
  SECTION("and gets no other") {
    const auto body = body_with("{}", rules);
    CHECK(body.at("HostConfig").at("NetworkMode") == "host");
    CHECK(body.at("HostConfig").at("ExtraHosts").at(0) == "gw:127.0.0.1");
    CHECK(body.at("NetworkingConfig").at("EndpointsConfig")
          == boost::json::parse(R"({"host":{}})"));
  }
  SECTION("but one that chooses has its choice") {
    const auto body
      = body_with(R"({"HostConfig":{"NetworkMode":"none"}})", rules);
    CHECK(body.at("HostConfig").at("NetworkMode") == "none");
    CHECK_FALSE(body.contains("NetworkingConfig"));
  }
}

TEST_CASE("create options that a container engine would not take are named",
          "[deployment]") {
  CHECK(problems(R"({"Env":["A=1"],"Labels":null,"HostConfig":{"Binds":[]},
    "NetworkingConfig":{"EndpointsConfig":{}},"Cmd":"anything"})")
        == texts_list{});
  CHECK(problems(R"({"Env":"A=1","hostconfig":[],"Labels":{"a":1}})")
        == texts_list{"Env: must be an array of texts",
                      "Labels: must be an object of texts",
                      "HostConfig: must be an object"});
  CHECK(problems(R"({"HostConfig":{},"hostConfig":{"Privileged":true}})")
        == texts_list{"hostConfig: is there twice"});
  CHECK(problems(R"({"HostConfig":{"CapAdd":"ALL","capadd":["ALL"]}})")
        == texts_list{"HostConfig.capadd: is there twice",
                      "HostConfig.CapAdd: must be an array of texts"});
  // An engine takes this for HostConfig.
  CHECK(problems("{\"Ho\u017ftConfig\":{}}").size() == 1);
}
