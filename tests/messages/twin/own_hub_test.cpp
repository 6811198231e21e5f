#include "messages/twin/hub_desired.hpp"
#include "messages/twin/hub_report.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/twin/merge.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
namespace json = boost::json;

namespace {

caf::expected<twin::hub_desired> read(const char* text) {
  return twin::read_hub_desired(json::parse(text).as_object());
}

std::string refusal(const char* text) {
  const auto found = read(text);
  REQUIRE_FALSE(found);
  CHECK(found.error() == ec::bad_argument);
  return error_text(found.error());
}

/// What a twin holds after these reports.
json::value after(json::object reported, twin::hub_report& report) {
  for (const auto& patch : report.take())
    reported = twin::merge(std::move(reported), json::parse(patch).as_object(),
                           twin::nulls::remove);
  return reported;
}

} // namespace

TEST_CASE("the desired properties of a node are read", "[twin]") {
  const auto found = read(R"({"schemaVersion":"1.2","routes":{"r":"FROM /*"},
    "storeAndForwardConfiguration":{"timeToLiveSecs":7200,"storeLimits":{}},
    "mqttBroker":{}})");
  REQUIRE(found);
  CHECK(found->schema == routing::schema_version{1, 2});
  CHECK(found->routes.size() == 1);
  CHECK(found->time_to_live == std::chrono::seconds{7200});
  CHECK(read(R"({"schemaVersion":"1.1","routes":{},
             "storeAndForwardConfiguration":{"timeToLiveSecs":-5}})")
          ->time_to_live
        == std::chrono::seconds{-1});
  CHECK(read(R"({"schemaVersion":"1.0"})"));
}

TEST_CASE("wrong desired properties of a node name the place", "[twin]") {
  CHECK(refusal("{}") == "$edgeHub.schemaVersion: is missing");
  CHECK(refusal(R"({"schemaVersion":"2.0"})")
        == "$edgeHub.schemaVersion: must be 1.0 to 1.3");
  CHECK(refusal(R"({"schemaVersion":"1.1"})") == "$edgeHub.routes: is missing");
  CHECK(refusal(R"({"schemaVersion":"1.1","routes":{}})")
        == "$edgeHub.storeAndForwardConfiguration: is missing");
  CHECK(refusal(R"({"schemaVersion":"1.0","routes":[]})")
        == "$edgeHub.routes: must be an object");
  refusal(R"({"schemaVersion":"1.0","storeAndForwardConfiguration":1})");
  refusal(R"({"schemaVersion":"1.0",
              "storeAndForwardConfiguration":{"timeToLiveSecs":"1"}})");
}

TEST_CASE("a local manifest may leave out what the node knows", "[twin]") {
  const auto found = twin::read_hub_desired(
    {}, twin::hub_desired{{1, 1}, {}, std::chrono::seconds{7}});
  REQUIRE(found);
  CHECK(found->time_to_live == std::chrono::seconds{7});
}

TEST_CASE("a node forgets at start who was connected before", "[twin]") {
  twin::hub_report report{"1.0"};
  report.connected({"pump-7", {}}, "now");
  CHECK(after({{"clients", {{"old", {{"status", "Connected"}}}}}}, report)
        == json::parse(R"({"schemaVersion":"1.0",
             "version":{"version":"1.0","build":"","commit":""},
             "clients":{"pump-7":{"status":"Connected",
                                  "lastConnectedTimeUtc":"now"}}})"));
  CHECK(report.empty());
}

TEST_CASE("a node reports what came of its configuration", "[twin]") {
  twin::hub_report report{"1.0"};
  report.configuration(12, 400, "no");
  const auto reported = after({}, report);
  CHECK(reported.at("lastDesiredVersion") == 12);
  CHECK(reported.at("lastDesiredStatus")
        == json::parse(R"({"code":400,"description":"no"})"));
  CHECK(reported.at("clients").as_object().empty());
}

TEST_CASE("a node remembers modules that went, and no devices", "[twin]") {
  twin::hub_report report{"1.0"};
  report.connected({"edge.1", "$a b#"}, "t1");
  report.connected({"pump-7", {}}, "t1");
  report.disconnected({"edge.1", "$a b#"}, "t2");
  report.disconnected({"pump-7", {}}, "t2");
  CHECK(after({}, report).at("clients")
        == json::parse(R"({"edge%2E1/%24a%20b%23":{"status":"Disconnected",
             "lastConnectedTimeUtc":"t1","lastDisconnectedTimeUtc":"t2"}})"));
}
