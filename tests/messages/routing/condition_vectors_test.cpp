#include "fixture.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::routing;

TEST_CASE("every condition vector has its result", "[routing]") {
  const auto vectors = read_vectors("routes.json");
  const auto& all = vectors.at("conditions").as_array();
  REQUIRE(all.size() == 158);
  for (const auto& entry : all) {
    const auto& test = entry.as_object();
    const auto message = read_fixture(
      vectors.at("fixtures").at(test.at("message").as_string()).as_object());
    const auto* better = test.if_contains("expectedTidegate");
    const auto& expected = better ? *better : test.at("expected");
    const std::string condition{test.at("condition").as_string()};
    INFO(test.at("id").as_string() << ": " << condition);
    CHECK(result_of(condition, message) == expected.as_string());
  }
}
