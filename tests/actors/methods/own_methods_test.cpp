#include "actors/methods/own_methods.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("a refresh names devices and modules", "[methods]") {
  CHECK(parse_refresh_request(R"({"deviceIds":["leaf","edge/filter"]})")
        == std::vector<identity_id>{{"leaf", ""}, {"edge", "filter"}});
  CHECK(parse_refresh_request(R"({"deviceIds":[]})")
        == std::vector<identity_id>{});
}

TEST_CASE("a refresh that names nothing readable is none", "[methods]") {
  for (const auto* text : {"", "null", "[]", "{}", R"({"deviceIds":"leaf"})",
                           R"({"deviceIds":[1]})", R"({"deviceIds":["a"})"})
    CHECK_FALSE(parse_refresh_request(text));
}

TEST_CASE("a refresh names so many identities and no more", "[methods]") {
  std::string list;
  for (std::size_t i = 0; i < most_refreshed; ++i)
    list += R"("x",)";
  CHECK_FALSE(parse_refresh_request(R"({"deviceIds":[)" + list + R"("x"]})"));
  list.pop_back();
  CHECK(parse_refresh_request(R"({"deviceIds":[)" + list + "]}"));
}
