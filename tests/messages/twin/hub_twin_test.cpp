#include "messages/twin/hub_twin.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
namespace json = boost::json;

namespace {

json::object changed(twin::hub_twin& one, const char* text,
                     bool replace = false,
                     const std::string& now = "2026-01-02T00:00:00Z") {
  const auto outcome
    = twin::change(one, json::parse(text).as_object(), replace, now);
  REQUIRE(outcome);
  return outcome->desired_patch;
}

} // namespace

TEST_CASE("a new twin is empty and has versions", "[twin]") {
  CHECK(json::value(twin::client_view({}))
        == json::parse(R"({"desired":{"$version":1},
                           "reported":{"$version":1}})"));
}

TEST_CASE("a reported patch is merged and counted", "[twin]") {
  twin::hub_twin one;
  CHECK_FALSE(twin::report(one, {{"a", 1}, {"b", 2}}, "t1"));
  CHECK_FALSE(twin::report(one, {{"b", nullptr}}, "t2"));
  CHECK(one.reported.values == json::object{{"a", 1}});
  CHECK(one.reported.version == 3);
  CHECK(json::value(one.reported.metadata)
        == json::parse(R"({"$lastUpdated":"t2","a":{"$lastUpdated":"t1"}})"));
}

TEST_CASE("a section that would grow too large stays as it is", "[twin]") {
  twin::hub_twin one;
  caf::error refused;
  for (int i = 0; i < 100 && !refused; ++i)
    refused = twin::report(
      one, {{"k" + std::to_string(i), std::string(4000, 'x')}}, "now");
  CHECK(refused == ec::bad_argument);
  const auto before = one;
  CHECK(twin::report(one, {{"z", std::string(4000, 'x')}}, "now")
        == ec::bad_argument);
  CHECK(one == before);
}

TEST_CASE("the service changes tags and desired properties", "[twin]") {
  twin::hub_twin one;
  const auto patch = changed(
    one, R"({"tags":{"site":"n"},"properties":{"desired":{"a":{"x":1}}}})");
  CHECK(json::value(patch) == json::parse(R"({"a":{"x":1},"$version":2})"));
  CHECK(one.tags == json::object{{"site", "n"}});
  SECTION("and merges into what is there") {
    const auto more
      = changed(one, R"({"properties":{"desired":{"a":{"x":null,"y":2}}}})",
                false, "later");
    CHECK(json::value(more)
          == json::parse(R"({"a":{"x":null,"y":2},"$version":3})"));
    const auto shown = twin::service_view(one);
    CHECK(shown.at("properties").at("desired")
          == json::parse(R"({"a":{"y":2},"$version":3,"$metadata":{
               "$lastUpdated":"later","$lastUpdatedVersion":3,
               "a":{"$lastUpdated":"later","$lastUpdatedVersion":3,
                 "y":{"$lastUpdated":"later","$lastUpdatedVersion":3}}}})"));
  }
  SECTION("or replaces it; the client is told what is gone") {
    const auto more
      = changed(one, R"({"properties":{"desired":{"b":2}}})", true);
    CHECK(json::value(more) == json::parse(R"({"a":null,"b":2,"$version":3})"));
    CHECK(one.tags == json::object{{"site", "n"}});
  }
  SECTION("and may give back what it has read") {
    const auto read = twin::service_view(one);
    const auto more = changed(one, json::serialize(read).c_str(), true);
    CHECK(json::value(more) == json::parse(R"({"$version":3})"));
  }
}

TEST_CASE("a change has an etag of its own", "[twin]") {
  twin::hub_twin one;
  CHECK(twin::etag_text(one) == "AAAAAAAAAAE=");
  CHECK_FALSE(twin::report(one, {{"a", 1}}, "now"));
  CHECK(twin::etag_text(one) == "AAAAAAAAAAE=");
  changed(one, R"({"tags":{"a":1}})");
  CHECK(twin::etag_text(one) == "AAAAAAAAAAI=");
}

TEST_CASE("a bad change names the place and changes nothing", "[twin]") {
  twin::hub_twin one;
  const auto refused = [&](const char* text) {
    const auto outcome
      = twin::change(one, json::parse(text).as_object(), false, "now");
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error() == ec::bad_argument);
    CHECK(one == twin::hub_twin{});
    return error_text(outcome.error());
  };
  CHECK(refused(R"({"tags":1})") == "tags: must be an object");
  CHECK(refused(R"({"tags":{"a":1},"properties":{"desired":[]}})")
        == "desired: must be an object");
  refused(R"({"properties":{"desired":{"a.b":1}}})");
}

TEST_CASE("a hub's twin is stored and read again", "[twin]") {
  twin::hub_twin one;
  one.generation = "638";
  changed(one, R"({"tags":{"site":"n"},"properties":{"desired":{"a":1}}})");
  CHECK_FALSE(twin::report(one, {{"b", 2}}, "now"));
  const auto again = twin::hub_twin_of(twin::to_document(one));
  REQUIRE(again);
  CHECK(*again == one);
  CHECK(twin::hub_twin_of(json::parse(R"({"tags":1})")).error()
        == ec::store_damaged);
}
