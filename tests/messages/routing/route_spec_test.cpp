#include "messages/routing/route_spec.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <string>

using namespace tidegate::routing;

namespace {

parsed<std::vector<route_spec>> read(const std::string& json,
                                     int minor_version = 1) {
  return parse_routes(boost::json::parse(json).as_object(), {1, minor_version},
                      "edge-1");
}

std::string error_of(const std::string& json, int minor_version = 1) {
  const auto found = read(json, minor_version);
  return found ? std::string{} : to_string(found.error());
}

} // namespace

TEST_CASE("routes keep their order and settings", "[routing]") {
  const auto found = read(R"({
    "z": {"route": "FROM /a INTO $upstream", "priority": 3, "note": true},
    "a": {"route": "FROM /b INTO $upstream", "timeToLiveSecs": 4294967295},
    "m": "FROM /c INTO $upstream"})");
  REQUIRE(found);
  REQUIRE(found->size() == 3);
  CHECK((*found)[0].name == "z");
  CHECK((*found)[0].priority == 3);
  CHECK((*found)[1].name == "a");
  CHECK((*found)[1].time_to_live.count() == 4294967295);
  CHECK((*found)[2].text == "FROM /c INTO $upstream");
  CHECK((*found)[2].compiled.source == "/c");
}

TEST_CASE("one bad route refuses all, and is named", "[routing]") {
  CHECK(error_of(R"({"good": "FROM /* INTO $upstream",
                     "bad": "FROM /* WHERE count = 12 INTO $upstream"})")
        == "route 'bad': column 21: '=' needs the same type on both sides, "
           "found a string and a number (properties are strings: use "
           "as_number)");
  CHECK(error_of(R"({"bad": {"route": "FROM /* INTO $cloud"}})")
        == "route 'bad': column 14: there is no sink '$cloud'; expected "
           "$upstream or BrokeredEndpoint(...)");
}

TEST_CASE("route settings of the wrong kind are refused", "[routing]") {
  const auto with = [](const std::string& fields) {
    return error_of(R"({"r": {"route": "FROM /* INTO $upstream", )" + fields
                    + "}}");
  };
  CHECK(with(R"("onFull": "drop-oldest")").empty());
  CHECK(with(R"("onFull": null)").empty());
  CHECK(with(R"("onFull": "drop")")
        == "route 'r': 'onFull' must be 'reject', 'drop-oldest' or "
           "'drop-lowest-priority', found 'drop'");
  CHECK(with(R"("on_full": "drop-oldest")")
        == "route 'r': 'on_full' is how the configuration file spells it; here "
           "it is 'onFull'");
  CHECK(with(R"("onFull": 1)")
        == "route 'r': 'onFull' must be 'reject', 'drop-oldest' or "
           "'drop-lowest-priority', found something that is no text");
  CHECK(with(R"("priority": 9)").empty());
  CHECK(with(R"("priority": null)").empty());
  CHECK(with(R"("priority": 10)")
        == "route 'r': 'priority' must be 0 to 9 (or 2000000000, the "
           "default), found 10");
  for (const auto* value : {"-1", "\"1\"", "1.5", "true", "4294967296"}) {
    INFO(value);
    CHECK(with(R"("priority": )" + std::string{value})
          == "route 'r': 'priority' must be a whole number from 0 to "
             "4294967295");
    CHECK(with(R"("timeToLiveSecs": )" + std::string{value})
          == "route 'r': 'timeToLiveSecs' must be a whole number from 0 to "
             "4294967295");
  }
  CHECK(error_of(R"({"r": {"priority": 1}})")
        == "route 'r': 'route' must be a string");
  CHECK(error_of(R"({"r": {"route": " \t"}})")
        == "route 'r': 'route' is blank");
  CHECK(error_of(R"({"r": null})")
        == "route 'r': expected a string or an object");
  CHECK(error_of(R"({"": "FROM /* INTO $upstream"})")
        == "a route has an empty name");
}

TEST_CASE("schema 1.0 knows strings only", "[routing]") {
  CHECK(error_of(R"({"r": {"route": "FROM /* INTO $upstream"}})", 0)
        == "route 'r': an object needs schemaVersion 1.1 or later; expected a "
           "string");
  CHECK(error_of(R"({"r": 5})", 0) == "route 'r': expected a string");
  CHECK(error_of(R"({"": "FROM /* INTO $upstream"})", 0).empty());
  const auto blank = read(R"({"r": "  "})", 0);
  REQUIRE(blank);
  CHECK(blank->empty());
}

TEST_CASE("schema versions have two to four numeric parts", "[routing]") {
  CHECK(parse_schema_version("1.2.0.9") == schema_version{1, 2});
  for (const auto* text : {"", ".", "1.", ".1", "1.1.", "1.1.x", "1.1.1.1.1",
                           "1.-1", "+1.1", " 1.1", "1.1 ", "99999999999.1"})
    CHECK_FALSE(parse_schema_version(text));
}
