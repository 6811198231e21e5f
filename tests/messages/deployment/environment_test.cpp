#include "messages/deployment/environment.hpp"

#include <catch2/catch.hpp>

using namespace tidegate::deployment;

namespace {

module_surroundings plant() {
  module_surroundings it;
  it.workload_uri = "unix:///run/tidegate/filter.sock";
  it.generation_id = "7";
  it.device_id = "gw1";
  it.hub_host = "hub.local";
  it.gateway_host = "gw1.local";
  return it;
}

module_spec filter() {
  module_spec spec;
  spec.name = "filter";
  spec.env["THRESHOLD"] = "3";
  return spec;
}

} // namespace

TEST_CASE("a module is told who it is and where its gateway is",
          "[deployment]") {
  const auto env = module_environment(filter(), plant());
  CHECK(env.at("IOTEDGE_WORKLOADURI") == "unix:///run/tidegate/filter.sock");
  CHECK(env.at("IOTEDGE_AUTHSCHEME") == "sasToken");
  CHECK(env.at("IOTEDGE_MODULEGENERATIONID") == "7");
  CHECK(env.at("IOTEDGE_DEVICEID") == "gw1");
  CHECK(env.at("IOTEDGE_MODULEID") == "filter");
  CHECK(env.at("IOTEDGE_IOTHUBHOSTNAME") == "hub.local");
  CHECK(env.at("IOTEDGE_GATEWAYHOSTNAME") == "gw1.local");
  CHECK(env.at("THRESHOLD") == "3");
  CHECK_FALSE(env.contains("IOTEDGE_PARENTHOSTNAME"));
  CHECK_FALSE(env.contains("RuntimeLogLevel"));
  CHECK_FALSE(env.contains("TIDEGATE_MQTT_PORT"));
}

TEST_CASE("the variables of the create options win", "[deployment]") {
  auto spec = filter();
  spec.process.env["THRESHOLD"] = "4";
  spec.process.env["IOTEDGE_GATEWAYHOSTNAME"] = "127.0.0.1";
  const auto env = module_environment(spec, plant());
  CHECK(env.at("THRESHOLD") == "4");
  CHECK(env.at("IOTEDGE_GATEWAYHOSTNAME") == "127.0.0.1");
}

TEST_CASE("what a module sets itself is not set for it", "[deployment]") {
  auto it = plant();
  it.upstream_protocol = "Amqp";
  it.log_level = "info";
  it.mqtt_port = 18'883;
  auto spec = filter();
  spec.env["upstreamprotocol"] = "Mqtt";
  const auto env = module_environment(spec, it);
  CHECK_FALSE(env.contains("UpstreamProtocol"));
  CHECK(env.at("RuntimeLogLevel") == "info");
  CHECK(env.at("TIDEGATE_MQTT_PORT") == "18883");
}
