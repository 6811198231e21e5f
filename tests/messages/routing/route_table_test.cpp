#include "messages/routing/evaluate.hpp"
#include "messages/routing/expiry.hpp"
#include "messages/routing/route_table.hpp"
#include "messages/routing/source_pattern.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

using namespace tidegate;
using namespace tidegate::routing;
using namespace std::chrono_literals;

namespace {

route_spec spec(const std::string& text, std::uint32_t priority,
                std::chrono::seconds life = 0s) {
  auto compiled = parse_route(text, "edge-1");
  REQUIRE(compiled);
  return {"r", text, priority, life, std::move(*compiled)};
}

message_head json_head() {
  message_head head;
  head.system
    = {{"contentType", "application/json"}, {"contentEncoding", "utf-8"}};
  return head;
}

std::vector<route_match> copies(const route_table& table,
                                const message_head& head,
                                std::string_view payload) {
  scratch memory{1};
  std::vector<route_match> out;
  table.resolve(table.plan_for(head, memory), head, payload, memory, out);
  return out;
}

std::vector<std::uint32_t> routes_of(const std::vector<route_match>& found) {
  std::vector<std::uint32_t> all;
  for (const auto& match : found)
    all.push_back(match.route);
  return all;
}

using numbers = std::vector<std::uint32_t>;

} // namespace

TEST_CASE("a table has one sink per endpoint and priority", "[routing]") {
  const std::string module = "INTO BrokeredEndpoint('/modules/ml/inputs/i')";
  const route_table table{
    {spec("FROM /a INTO $upstream", 5), spec("FROM /b " + module, 1),
     spec("FROM /c INTO $upstream", 2), spec("FROM /d INTO $upstream", 5)},
    -1s,
    "edge-1"};
  CHECK(
    table.sinks()
    == std::vector<lane_key>{{"iothub", 2}, {"iothub", 5}, {"edge-1/ml/i", 1}});
}

TEST_CASE("routes that treat a full store differently have sinks of their own",
          "[routing]") {
  std::vector<route_spec> specs{
    spec("FROM /a INTO $upstream", 5), spec("FROM /b INTO $upstream", 5),
    spec("FROM /c INTO $upstream", 5), spec("FROM /* INTO $upstream", 5)};
  specs[1].full = on_full::drop_lowest_priority;
  specs[2].full = on_full::reject;
  const route_table table{std::move(specs), -1s, "edge-1",
                          on_full::drop_oldest};
  CHECK(table.sinks()
        == std::vector<lane_key>{{"iothub", 5, on_full::drop_oldest},
                                 {"iothub", 5, on_full::drop_lowest_priority},
                                 {"iothub", 5, on_full::reject}});
  CHECK(table.plan_for({}, *std::make_unique<scratch>(1)).matches().front().sink
        == 0);
}

TEST_CASE("a plan is final when the head decides", "[routing]") {
  const route_table table{
    {spec("FROM /messages WHERE level = 'warn' AND $body.x = 1 INTO $upstream",
          0)},
    -1s,
    "edge-1"};
  scratch memory{1};
  auto head = json_head();
  SECTION("because another part of the condition fails") {
    const auto known = table.plan_for(head, memory);
    CHECK(known.is_final());
    CHECK(known.matches().empty());
  }
  SECTION("but not when the payload counts") {
    head.user = {{"level", "warn"}};
    CHECK_FALSE(table.plan_for(head, memory).is_final());
  }
  SECTION("because the body cannot be queried") {
    head.user = {{"level", "warn"}};
    head.system.clear();
    CHECK(table.plan_for(head, memory).is_final());
  }
}

TEST_CASE("a condition that the head makes true is settled", "[routing]") {
  const route_table table{
    {spec("FROM /messages WHERE $body.x = 1 OR level = 'warn' INTO $upstream",
          0)},
    -1s,
    "edge-1"};
  scratch memory{1};
  auto head = json_head();
  head.user = {{"level", "warn"}};
  const auto known = table.plan_for(head, memory);
  CHECK(known.is_final());
  CHECK(known.matches().size() == 1);
}

TEST_CASE("a message's id makes a plan open", "[routing]") {
  const route_table table{
    {spec("FROM /* WHERE length($edgeMessageId) = 36 INTO $upstream", 0)},
    -1s,
    "edge-1"};
  scratch memory{1};
  CHECK_FALSE(table.plan_for({}, memory).is_final());
  CHECK(copies(table, {}, "").size() == 1);
}

TEST_CASE("the payload can make a higher priority win", "[routing]") {
  const route_table table{{spec("FROM /* INTO $upstream", 5),
                           spec("FROM /* WHERE $body.urgent INTO $upstream", 1),
                           spec("FROM /* WHERE $body.late INTO $upstream", 7)},
                          -1s,
                          "edge-1"};
  const auto head = json_head();
  CHECK(routes_of(copies(table, head, R"({"urgent":true,"late":true})"))
        == numbers{1});
  CHECK(routes_of(copies(table, head, R"({"late":true})")) == numbers{0});
  CHECK(routes_of(copies(table, head, "no JSON")) == numbers{0});
}

TEST_CASE("among equal priorities the first listed route counts", "[routing]") {
  const route_table table{{spec("FROM /* INTO $upstream", 3, 60s),
                           spec("FROM /messages INTO $upstream", 3, 30s)},
                          -1s,
                          "edge-1"};
  const auto found = copies(table, {}, "");
  REQUIRE(found.size() == 1);
  CHECK(found[0].route == 0);
  CHECK(found[0].time_to_live == 60s);
}

TEST_CASE("a route's own time to live wins over the global one", "[routing]") {
  for (const auto global : {-1s, 0s, 7200s}) {
    const route_table table{
      {spec("FROM /* INTO $upstream", 0),
       spec("FROM /* INTO BrokeredEndpoint('/m/a/i/b')", 0, 60s)},
      global,
      "edge-1"};
    const auto found = copies(table, {}, "");
    REQUIRE(found.size() == 2);
    CHECK(found[0].time_to_live == global);
    CHECK(found[1].time_to_live == 60s);
  }
}

TEST_CASE("an expiry never overflows", "[routing]") {
  const elapsed_time now{1'700'000'000'000ms};
  CHECK(expires_at(now, 60s) == now + 60s);
  CHECK(expires_at(now, 0s) == now);
  CHECK(expires_at(now, -1s) == never_expires);
  CHECK(expires_at(now, std::chrono::seconds::max()) == never_expires);
  CHECK(expires_at(now, std::chrono::seconds::min()) == never_expires);
}

TEST_CASE("a table without routes sends nothing anywhere", "[routing]") {
  const route_table table{{}, -1s, "edge-1"};
  CHECK(table.sinks().empty());
  CHECK(copies(table, {}, "").empty());
}

TEST_CASE("plan and resolve agree with asking every route", "[routing]") {
  const auto source = rc::gen::element<std::string>(
    "/*", "/messages", "/messages/*", "/messages/modules/a", "/x",
    "/messages/modules/a/outputs/o", "/MESSAGES/modules/*");
  const auto where = rc::gen::element<std::string>(
    "true", "p = '1'", "q = '1'", "$body.x = 1", "$body.y",
    "p = '1' AND $body.x = 1", "p = '1' OR $body.y", "missing = 'a'",
    "NOT ($body.x = 1)", "undefined");
  const auto into = rc::gen::element<std::string>(
    "$upstream", "BrokeredEndpoint('/modules/a/inputs/i')",
    "BrokeredEndpoint('/modules/b/inputs/i')");
  CHECK(rc::check([&] {
    std::vector<route_spec> specs;
    for (auto n = *rc::gen::inRange(0, 12); n > 0; --n)
      specs.push_back(
        spec("FROM " + *source + " WHERE " + *where + " INTO " + *into,
             *rc::gen::inRange<std::uint32_t>(0, 4)));
    auto head = *rc::gen::arbitrary<bool>() ? json_head() : message_head{};
    if (*rc::gen::arbitrary<bool>())
      head.system.push_back({"connectionModuleId", "a"});
    if (*rc::gen::arbitrary<bool>())
      head.system.push_back({"outputName", "o"});
    head.user.push_back({"p", *rc::gen::element<std::string>("1", "2")});
    head.user.push_back({"q", *rc::gen::element<std::string>("1", "2")});
    const auto payload = *rc::gen::element<std::string>(
      R"({"x":1})", R"({"y":true})", R"({"x":1,"y":true})", "{}", "");

    using rank = std::pair<std::uint32_t, std::uint32_t>;
    std::map<std::string, rank> expected;
    scratch memory{1};
    for (std::uint32_t i = 0; i < specs.size(); ++i) {
      const auto& [name, text, priority, life, compiled, full] = specs[i];
      const bool seen = source_matches(compiled.source, message_source(head));
      if (!seen
          || evaluate(compiled.filter, head, payload, "edge-1", memory)
               != truth::yes)
        continue;
      const auto [place, added]
        = expected.try_emplace(compiled.into.endpoint, priority, i);
      place->second = std::min(place->second, rank{priority, i});
    }

    const route_table table{std::move(specs), -1s, "edge-1"};
    std::map<std::string, rank> found;
    for (const auto& match : copies(table, head, payload)) {
      const auto& sink = table.sinks()[match.sink];
      RC_ASSERT(sink.priority == match.priority);
      RC_ASSERT(
        found.try_emplace(sink.sink, match.priority, match.route).second);
    }
    RC_ASSERT(found == expected);
  }));
}
