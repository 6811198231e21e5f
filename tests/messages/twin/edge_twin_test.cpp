#include "messages/twin/edge_twin.hpp"

#include "messages/ec.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
namespace json = boost::json;
using twin::desired_step;

namespace {

constexpr auto now = std::chrono::milliseconds{1000};

desired_step step_in(std::string_view action) {
  if (action.starts_with("forward"))
    return desired_step::forward;
  return action.starts_with("merge") ? desired_step::merge_and_forward
                                     : desired_step::fetch;
}

} // namespace

TEST_CASE("desired patches are dealt with as the vectors say", "[twin]") {
  const auto vectors = read_vectors("twins.json");
  for (const auto& value : vectors.at("desiredPatchHandling").as_array()) {
    const auto& vector = value.as_object();
    INFO(json::serialize(value));
    twin::edge_twin one;
    if (!vector.at("storedVersion").is_null())
      one.cached = {json::object{{"$version", vector.at("storedVersion")}}, {}};
    // What happens offline is that the fetch fails, which the actor's tests
    // show.
    const auto expected = vector.contains("upstream")
                            ? desired_step::fetch
                            : step_in(vector.at("action").as_string());
    CHECK(twin::step_for(one, {{"$version", vector.at("patchVersion")}})
          == expected);
  }
}

TEST_CASE("a cached twin without a version is asked for anew", "[twin]") {
  twin::edge_twin one;
  one.cached.emplace();
  CHECK(twin::step_for(one, {{"$version", 1}}) == desired_step::fetch);
}

TEST_CASE("the whole twin from the parent replaces the cached one", "[twin]") {
  twin::edge_twin one;
  one.cached = twin::client_twin{{{"a", 1}, {"b", 1}, {"$version", 4}}, {}};
  const auto difference
    = twin::take_full(one, {{{"a", 2}, {"$version", 7}}, {}}, now);
  CHECK(difference == json::object{{"a", 2}, {"b", nullptr}, {"$version", 7}});
  CHECK(one.synced == now);
  SECTION("even if its version is lower") {
    CHECK(twin::take_full(one, {{{"$version", 1}}, {}}, now)
          == json::object{{"a", nullptr}, {"$version", 1}});
  }
  SECTION("and one that is the same differs in nothing") {
    CHECK(twin::take_full(one, {{{"a", 2}, {"$version", 7}}, {}}, now).empty());
  }
}

TEST_CASE("a client sees its own changes before the parent does", "[twin]") {
  twin::edge_twin one;
  CHECK_FALSE(twin::report(one, {{"a", 2}, {"b", nullptr}}));
  twin::take_full(one, {{}, {{"a", 1}, {"b", 1}, {"$version", 3}}}, now);
  CHECK(one.cached->reported == json::object{{"a", 2}, {"$version", 3}});
  CHECK(one.pending.changed == json::object{{"a", 2}, {"b", nullptr}});
}

TEST_CASE("a client that nothing is known of has an empty twin", "[twin]") {
  CHECK(twin::client_text(std::nullopt) == R"({"desired":{},"reported":{}})");
}

TEST_CASE("what a parent sends is read with care", "[twin]") {
  CHECK(twin::client_twin_of("nonsense").error() == ec::malformed);
  CHECK(twin::client_twin_of("[]").error() == ec::malformed);
  const auto odd = twin::client_twin_of(R"({"desired":1})");
  REQUIRE(odd);
  CHECK(*odd == twin::client_twin{});
  CHECK(twin::version_of({{"$version", "4"}}) == 0);
}

TEST_CASE("a gateway's twin is stored and read again", "[twin]") {
  twin::edge_twin one;
  CHECK_FALSE(twin::report(one, {{"a", nullptr}}));
  CHECK_FALSE(twin::report(one, {{"a", {{"x", 1}}}}));
  one.synced = now;
  const auto again = twin::edge_twin_of(twin::to_document(one));
  REQUIRE(again);
  CHECK(*again == one);
  const auto none = twin::edge_twin_of(twin::to_document(twin::edge_twin{}));
  REQUIRE(none);
  CHECK_FALSE(none->cached);
  CHECK(twin::edge_twin_of(json::parse("3")).error() == ec::store_damaged);
}
