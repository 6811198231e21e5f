#include "messages/routing/route_table.hpp"
#include "messages/routing/source_pattern.hpp"

#include "fixture.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::routing;

namespace {

const boost::json::value& vectors() {
  static const auto all = read_vectors("routes.json");
  return all;
}

std::string edge_device() {
  return std::string{vectors().at("edgeDeviceId").as_string()};
}

/// The head of a message that comes from `source`.
message_head head_from(std::string source) {
  message_head head;
  if (source == "/twinChangeNotifications") {
    head.system.push_back({"messageType", "twinChangeNotification"});
    return head;
  }
  const std::string modules = "/messages/modules/";
  if (!source.starts_with(modules))
    return head;
  source.erase(0, modules.size());
  const auto slash = source.find('/');
  head.system.push_back({"connectionModuleId", source.substr(0, slash)});
  if (slash != std::string::npos)
    head.system.push_back({"outputName", source.substr(source.rfind('/') + 1)});
  return head;
}

route_table one_route(const std::string& text) {
  auto compiled = parse_route(text, edge_device());
  REQUIRE(compiled);
  std::vector<route_spec> specs;
  specs.push_back({"r", text, 0, std::chrono::seconds{0}, *compiled});
  return {std::move(specs), std::chrono::seconds{-1}, edge_device()};
}

} // namespace

TEST_CASE("every source vector matches what it should", "[routing]") {
  const auto& sources = vectors().at("sources");
  scratch memory{1};
  for (const auto& test : sources.at("cases").as_array()) {
    const std::string source{test.at("routeSource").as_string()};
    const auto table = one_route("FROM " + source + " INTO $upstream");
    for (const auto& [name, expected] : test.at("matches").as_object()) {
      const std::string from{sources.at("messageSources").at(name).as_string()};
      INFO(source << " with messages from " << from);
      CHECK(source_matches(source, from) == expected.as_bool());
      const auto head = head_from(from);
      REQUIRE(message_source(head) == from);
      CHECK(table.plan_for(head, memory).matches().size()
            == (expected.as_bool() ? 1 : 0));
    }
  }
}

TEST_CASE("every route vector is read or refused as it should", "[routing]") {
  for (const auto& test : vectors().at("routeStrings").as_array()) {
    const std::string text{test.at("route").as_string()};
    INFO(text);
    const auto found = parse_route(text, edge_device());
    REQUIRE(static_cast<bool>(found) == test.at("valid").as_bool());
    if (!found) {
      CHECK_FALSE(found.error().text.empty());
      CHECK(found.error().column > 0);
      continue;
    }
    const auto& into = test.at("sink");
    CHECK(found->source == test.at("source").as_string());
    CHECK(found->where == test.at("condition").as_string());
    CHECK(found->into.endpoint == into.at("endpointId").as_string());
    CHECK((found->into.is == sink::kind::upstream)
          == (into.at("type").as_string() == "upstream"));
  }
}

TEST_CASE("every route set vector is read or refused as it should",
          "[routing]") {
  for (const auto& test : vectors().at("routeSpecs").as_array()) {
    INFO(boost::json::serialize(test));
    const auto version
      = parse_schema_version(test.at("schemaVersion").as_string());
    REQUIRE(version);
    const auto found
      = parse_routes(test.at("routes").as_object(), *version, edge_device());
    REQUIRE(static_cast<bool>(found) == test.at("valid").as_bool());
    if (!found) {
      CHECK(found.error().text.starts_with("route 'r'"));
      continue;
    }
    const auto& expected = test.at("parsed").as_object();
    REQUIRE(found->size() == expected.size());
    for (const auto& spec : *found) {
      const auto& wanted = expected.at(spec.name);
      CHECK(spec.priority == wanted.at("priority").as_int64());
      CHECK(spec.time_to_live.count()
            == wanted.at("timeToLiveSecs").as_int64());
    }
  }
}

TEST_CASE("every schema version vector is accepted or refused", "[routing]") {
  for (const auto& test : vectors().at("schemaVersions").as_array()) {
    const auto& text = test.at("schemaVersion");
    INFO(text);
    const bool valid
      = text.is_string() && parse_schema_version(text.as_string()).has_value();
    CHECK(valid == test.at("valid").as_bool());
  }
}

TEST_CASE("every fan-out vector yields its copies", "[routing]") {
  scratch memory{1};
  for (const auto& test : vectors().at("fanOut").as_array()) {
    INFO(test.at("name").as_string());
    std::vector<route_spec> specs;
    for (const auto& entry : test.at("routes").as_array()) {
      const auto& fields = entry.as_object();
      const std::string text{fields.at("route").as_string()};
      auto compiled = parse_route(text, edge_device());
      REQUIRE(compiled);
      route_spec spec{std::string{fields.at("id").as_string()}, text,
                      default_priority, std::chrono::seconds{0}, *compiled};
      if (const auto* priority = fields.if_contains("priority");
          priority && !priority->is_null())
        spec.priority = static_cast<std::uint32_t>(priority->as_int64());
      if (const auto* life = fields.if_contains("timeToLiveSecs"))
        spec.time_to_live = std::chrono::seconds{life->as_int64()};
      specs.push_back(std::move(spec));
    }
    const route_table table{std::move(specs), std::chrono::seconds{-1},
                            edge_device()};
    const auto plan = table.plan_for({}, memory);
    REQUIRE(plan.is_final());
    const auto& expected = test.at("expected").as_array();
    REQUIRE(plan.matches().size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto& found = plan.matches()[i];
      const auto& sink = table.sinks()[found.sink];
      const auto& wanted = expected[i].as_object();
      CHECK(sink.sink == wanted.at("endpoint").as_string());
      CHECK(sink.priority == wanted.at("priority").as_int64());
      if (const auto* life = wanted.if_contains("timeToLiveSecs"))
        CHECK(found.time_to_live.count() == life->as_int64());
    }
  }
}
