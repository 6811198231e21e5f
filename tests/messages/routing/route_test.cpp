#include "messages/routing/limits.hpp"
#include "messages/routing/route.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace tidegate::routing;

namespace {

std::string error_of(const std::string& text) {
  const auto found = parse_route(text, "edge-1");
  return found ? std::string{} : to_string(found.error());
}

std::string endpoint_of(const std::string& argument) {
  const auto found = parse_route(
    "FROM /* INTO BrokeredEndpoint(\"" + argument + "\")", "edge-1");
  return found ? found->into.endpoint : std::string{};
}

} // namespace

TEST_CASE("a route's error names the column in the route", "[routing]") {
  CHECK(error_of("FORM /* INTO $upstream")
        == "column 1: expected FROM, found the name 'FORM'");
  CHECK(error_of("SELECT FROM /* INTO $upstream")
        == "column 8: expected '*' behind SELECT, found the reserved word "
           "'FROM'");
  CHECK(error_of("FROM messages INTO $upstream")
        == "column 6: expected a source, which starts with '/', found the "
           "name 'messages'");
  CHECK(error_of("FROM /messages INTO")
        == "column 20: expected $upstream or BrokeredEndpoint(...), found the "
           "end of the text");
  CHECK(error_of("FROM /messages IN $upstream")
        == "column 16: expected '/', WHERE or INTO, found the name 'IN'");
  CHECK(error_of("FROM /messages WHERE count = 12 INTO $upstream")
        == "column 28: '=' needs the same type on both sides, found a string "
           "and a number (properties are strings: use as_number)");
  CHECK(error_of("FROM /messages WHERE a = 'b' c INTO $upstream")
        == "column 30: expected an operator or INTO (operators need blanks "
           "around them), found the name 'c'");
}

TEST_CASE("source segments are plain names", "[routing]") {
  for (const auto* segment : {"$edgeAgent", "123", "null", "and", "e5", "-"})
    CHECK(error_of("FROM /messages/" + std::string{segment} + " INTO $upstream")
            .find("column 16: expected '*' or a name in the source")
          == 0);
  const auto spaced
    = parse_route("FROM / messages / pump* INTO $upstream", "e");
  REQUIRE(spaced);
  CHECK(spaced->source == "/messages/pump*");
}

TEST_CASE("an unknown sink is answered with the nearest one", "[routing]") {
  CHECK(error_of("FROM /* INTO upstream")
        == "column 14: there is no sink 'upstream' (did you mean "
           "'$upstream'?); expected $upstream or BrokeredEndpoint(...)");
  CHECK(error_of("FROM /* INTO BrokerEndpoint('/modules/a/inputs/b')")
          .find("did you mean 'BrokeredEndpoint'?")
        != std::string::npos);
  CHECK(error_of("FROM /* INTO $cloud")
        == "column 14: there is no sink '$cloud'; expected $upstream or "
           "BrokeredEndpoint(...)");
}

TEST_CASE("the second and fourth part of a sink's path count", "[routing]") {
  CHECK(endpoint_of("/modules/ml/inputs/in1") == "edge-1/ml/in1");
  CHECK(endpoint_of("  /a/ml/b/in1/  ") == "edge-1/ml/in1");
  CHECK(endpoint_of("a/ml/b/in1") == "edge-1/ml/in1");
  CHECK(endpoint_of("//ml/b/in1") == "edge-1/ml/in1");
  for (const auto* bad : {"", "/", "a/b/c", "a/b/c/d/e", "a//c/d", "a/b/c//"})
    CHECK(endpoint_of(bad).empty());
  CHECK(error_of("FROM /* INTO BrokeredEndpoint('a/b')")
        == "column 31: expected '/modules/{module}/inputs/{input}', found "
           "'a/b'");
  CHECK(error_of("FROM /* INTO BrokeredEndpoint(a)").find("column 31") == 0);
  CHECK(error_of("FROM /* INTO BrokeredEndpoint 'a'").find("column 31") == 0);
  CHECK(error_of("FROM /* INTO BrokeredEndpoint('a/b/c/d'").find("column 40")
        == 0);
}

TEST_CASE("text after the sink is ignored and warned about", "[routing]") {
  const auto found = parse_route("FROM /* INTO $upstream WHERE 'x", "edge-1");
  REQUIRE(found);
  REQUIRE(found->warnings.size() == 1);
  CHECK(to_string(found->warnings[0])
        == "column 24: the text from here on is ignored");
}

TEST_CASE("a route's condition passes its warnings on", "[routing]") {
  const auto found
    = parse_route("FROM /* WHERE TRUE = 'x' INTO $upstream", "edge-1");
  REQUIRE(found);
  REQUIRE(found->warnings.size() == 1);
  CHECK(found->warnings[0].column == 15);
}

TEST_CASE("a route without WHERE takes everything", "[routing]") {
  const auto found = parse_route("from /* into $Upstream", "edge-1");
  REQUIRE(found);
  CHECK(found->where == "true");
  CHECK(found->filter.constant() == truth::yes);
  CHECK(found->into == sink{});
}

TEST_CASE("a route's length is bounded", "[routing]") {
  const std::string route = "FROM /* INTO $upstream";
  CHECK(
    error_of(route + std::string(max_text_size - route.size(), ' ')).empty());
  CHECK(error_of(route + std::string(max_text_size, ' '))
        == "the route is longer than 32768 bytes");
}
