#include "runtime/node/route_source.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
namespace json = boost::json;

namespace {

json::object object(const char* text) { return json::parse(text).as_object(); }

const auto who = node_profile{"edge-1", "hub", "edge-1", {}, true};

std::vector<std::string> sinks_of(const caf::expected<set_routes>& routes) {
  std::vector<std::string> names;
  REQUIRE(routes);
  for (const auto& sink : routes->sinks)
    names.push_back(sink.sink);
  return names;
}

const auto to_module = object(R"x({"schemaVersion":"1.1","routes":{"r":
  "FROM /* INTO BrokeredEndpoint(\"/modules/m/inputs/i\")"},
  "storeAndForwardConfiguration":{"timeToLiveSecs":7200}})x");

} // namespace

TEST_CASE("a node starts with the routes that its twin brought last",
          "[routes]") {
  config file;
  deployment::manifest manifest;
  manifest.hub_desired = object(R"x({"routes":{"r":
    "FROM /* INTO BrokeredEndpoint(\"/modules/n/inputs/i\")"}})x");
  const auto upstream = std::vector<std::string>{"iothub"};
  CHECK(sinks_of(initial_routes(file, who, manifest, to_module))
        == std::vector<std::string>{"edge-1/m/i"});
  CHECK(sinks_of(initial_routes(file, who, manifest, {}))
        == std::vector<std::string>{"edge-1/n/i"});
  CHECK(sinks_of(initial_routes(file, who, std::nullopt, {})) == upstream);
}

TEST_CASE("a wrong route in a twin is found before it is applied", "[routes]") {
  const auto refusal = [](const char* route) {
    auto desired = to_module;
    desired["routes"] = json::object{{"alerts", route}};
    const auto found = routes_of_twin(desired, {}, who);
    REQUIRE_FALSE(found);
    CHECK(found.error() == ec::bad_argument);
    return error_text(found.error());
  };
  CHECK(refusal("FROM nowhere").find("alerts") != std::string::npos);
  // A type error, which the reference only finds after it said 200.
  CHECK(refusal("FROM /* WHERE abs('a') INTO $upstream").find("alerts")
        != std::string::npos);
}
