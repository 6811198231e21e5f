#include "messages/twin/hub_desired.hpp"
#include "messages/twin/hub_report.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/twin/merge.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <rapidcheck.h>

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

namespace {

/// What a twin holds of this node after each report.
struct reported {
  twin::hub_report report{"1.0"};
  json::object holds;

  void send() {
    for (const auto& patch : report.take())
      holds = twin::merge(std::move(holds), json::parse(patch).as_object(),
                          twin::nulls::remove);
  }
  json::object clients() const {
    const auto* const found = holds.if_contains("clients");
    return found ? found->as_object() : json::object{};
  }
  std::size_t size() const { return json::serialize(holds).size(); }
};

identity_id device(int number) {
  return {"device-" + std::to_string(number), {}};
}

constexpr auto when = "2026-01-02T03:04:05.6789012Z";

} // namespace

TEST_CASE("of a crowd a node reports who came last, and how many there are",
          "[twin]") {
  reported node;
  constexpr int crowd = 5000;
  for (int i = 0; i < crowd; ++i) {
    node.report.connected(device(i), when);
    if (i % 100 == 0)
      node.send();
  }
  node.send();
  CHECK(node.size() < 32'768);
  const auto shown = node.clients().size();
  CHECK(shown > 100);
  CHECK(
    node.holds.at("clientCount")
    == json::value{{"known", crowd}, {"connected", crowd}, {"shown", shown}});
  CHECK(node.clients().contains("device-4999"));
  CHECK_FALSE(node.clients().contains("device-0"));
  SECTION("and who was hidden is shown when there is room") {
    for (int i = crowd; i-- > 50;)
      node.report.disconnected(device(i), when);
    node.send();
    CHECK(node.clients().size() == 50);
    CHECK(node.clients().contains("device-0"));
    CHECK_FALSE(node.holds.contains("clientCount"));
  }
  SECTION("and a node that starts again says nothing of the last run") {
    node.report = twin::hub_report{"1.0"};
    node.send();
    CHECK(node.clients().empty());
    CHECK_FALSE(node.holds.contains("clientCount"));
  }
  SECTION("and all of it again when it did not get there") {
    node.holds.clear();
    node.report.lost();
    node.send();
    CHECK(node.clients().size() == shown);
    CHECK(node.holds.at("clientCount").at("shown") == shown);
  }
}

TEST_CASE("a module that is away makes room for clients that are there",
          "[twin]") {
  reported node;
  for (int i = 0; i < 500; ++i) {
    const identity_id module{"edge-1", "m" + std::to_string(i)};
    node.report.connected(module, when);
    if (i % 2 == 0)
      node.report.disconnected(module, when);
  }
  node.send();
  const auto shown = node.clients();
  for (const auto& [name, client] : shown)
    CHECK(client.at("status") == "Connected");
}

TEST_CASE("a report of clients says what has changed, whatever their number",
          "[twin]") {
  const auto patch_size = [](int crowd) {
    reported node;
    for (int i = 0; i < crowd; ++i)
      node.report.connected(device(i), when);
    node.send();
    node.report.connected(device(0), when);
    std::size_t size = 0;
    for (const auto& patch : node.report.take())
      size += patch.size();
    return size;
  };
  const auto few = patch_size(1000);
  CHECK(patch_size(2000) <= few + 10);
  CHECK(patch_size(4000) <= few + 10);
  CHECK(few < 600);
}

TEST_CASE("the clients in a report are those of a simple model", "[twin]") {
  CHECK(rc::check([] {
    reported node;
    std::map<std::string, bool> model; // connected or not
    for (int step = *rc::gen::inRange(0, 300); step > 0; --step) {
      const auto number = std::to_string(*rc::gen::inRange(0, 60));
      const auto module = *rc::gen::arbitrary<bool>();
      const identity_id id = module ? identity_id{"e", "m" + number}
                                    : identity_id{"d" + number, {}};
      if (*rc::gen::arbitrary<bool>()) {
        node.report.connected(id, when);
        model[to_string(id)] = true;
      } else {
        node.report.disconnected(id, when);
        if (const auto known = model.find(to_string(id)); known != model.end())
          module ? void(known->second = false) : void(model.erase(known));
      }
      if (*rc::gen::inRange(0, 5) == 0)
        node.send();
    }
    node.send();
    const auto shown = node.clients();
    for (const auto& [name, client] : shown)
      RC_ASSERT(model.at(std::string{name})
                == (client.at("status") == "Connected"));
    RC_ASSERT(node.clients().size() == model.size());
  }));
}
