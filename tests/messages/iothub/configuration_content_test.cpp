#include "messages/iothub/configuration_content.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

configuration_content read(std::string_view text) {
  std::string why;
  auto found = parse_configuration_content(text, why);
  CAPTURE(why);
  REQUIRE(found);
  return *found;
}

std::string fault(std::string_view text) {
  std::string why;
  CHECK_FALSE(parse_configuration_content(text, why));
  return why;
}

boost::json::object object(std::string_view text) {
  return boost::json::parse(text).as_object();
}

} // namespace

TEST_CASE("a deployment names twins and modules", "[configuration]") {
  const auto found = read(R"({"modulesContent":{
    "$edgeAgent":{"properties.desired":{"modules":{"filter":{},"sink":{}}}},
    "$edgeHub":{"properties.desired":{"routes":{}}},
    "filter":{"properties.desired":{"limit":5}}}})");
  CHECK(found.modules
        == std::set<std::string>{"$edgeAgent", "$edgeHub", "filter", "sink"});
  REQUIRE(found.twins.size() == 3);
  CHECK(found.twins[2]
        == module_content{"filter", object(R"({"limit":5})"), true});
}

TEST_CASE("a path merges below itself, after what is whole",
          "[configuration]") {
  const auto found = read(R"({"modulesContent":{"$edgeHub":{
    "properties.desired.routes.up":"FROM /* INTO $upstream",
    "properties.desired":{"routes":{}}}}})");
  REQUIRE(found.twins.size() == 2);
  CHECK(found.twins[0].whole);
  CHECK(found.twins[1]
        == module_content{
          "$edgeHub", object(R"({"routes":{"up":"FROM /* INTO $upstream"}})"),
          false});
}

TEST_CASE("what is wrong with a deployment is told", "[configuration]") {
  const auto* const absent = "modulesContent: must be an object";
  CHECK(fault("") == absent);
  CHECK(fault("[]") == absent);
  CHECK(fault("{}") == absent);
  CHECK(fault(R"({"modulesContent":{"a":1}})")
        == "modulesContent.a: must be an object");
  const auto member = [](const std::string& text) {
    return fault(R"({"modulesContent":{"a":{)" + text + "}}}");
  };
  for (const auto* const text :
       {R"("tags":{})", R"("properties.desired":1)",
        R"("properties.desired.":1)", R"("properties.desiredx":1)",
        R"("properties.desired.a..b":1)",
        R"("properties.desired.a.b.c.d.e.f.g.h.i.j.k":1)"}) {
    CAPTURE(text);
    CHECK(member(text).find("modulesContent.a.") == 0);
  }
  CHECK(fault(R"({"modulesContent":{"a b":{}}})")
        == "modulesContent: `a b` is no module's name");
  std::string many = R"({"modulesContent":{)";
  for (int i = 0; i <= 200; ++i)
    many += (i ? ",\"" : "\"") + std::to_string(i) + "\":{}";
  CHECK(fault(many + "}}") == "modulesContent: names more than 200 modules");
}
