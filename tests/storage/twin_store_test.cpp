#include "storage/twin_store.hpp"

#include "messages/ec.hpp"
#include "storage/document_store.hpp"
#include "support/lane_fixture.hpp"

#include <map>
#include <random>

using namespace tidegate;
namespace json = boost::json;

namespace {

const identity_id pump{"pump-7", {}};
const identity_id filter{"edge-1", "filter"};

} // namespace

TEST_CASE_METHOD(lane_fixture, "a twin is found again after a restart",
                 "[twin]") {
  {
    twin_store twins{db};
    CHECK(twins.get(pump).error() == ec::not_found);
    REQUIRE_FALSE(twins.write(
      {{pump, json::object{{"a", 1}}}, {filter, json::object{{"a", 2}}}}));
  }
  open();
  twin_store twins{db};
  REQUIRE(twins.get(filter));
  CHECK(*twins.get(filter) == json::value{{"a", 2}});
  REQUIRE_FALSE(twins.write({{pump, std::nullopt}}));
  CHECK(twins.get(pump).error() == ec::not_found);
}

TEST_CASE_METHOD(lane_fixture, "a written twin survives a power cut",
                 "[twin]") {
  {
    twin_store twins{db};
    REQUIRE_FALSE(twins.write({{pump, json::object{{"a", 1}}}}));
  }
  std::mt19937_64 random{1};
  disk->die_after(0);
  lanes.reset();
  db.reset();
  disk->lose_power(random);
  open();
  CHECK(twin_store{db}.get(pump));
}

TEST_CASE_METHOD(lane_fixture, "all twins are shown, and nothing else",
                 "[twin]") {
  twin_store twins{db};
  REQUIRE_FALSE(document_store{db, "sessions"}.put("x", 1));
  REQUIRE_FALSE(document_store{db, "uploads"}.put("x", 1));
  REQUIRE_FALSE(twins.write(
    {{pump, json::object{{"a", 1}}}, {filter, json::object{{"a", 2}}}}));
  std::map<identity_id, json::value> shown;
  REQUIRE_FALSE(twins.visit([&](const auto& id, const auto& document) {
    REQUIRE(document);
    shown.emplace(id, *document);
  }));
  CHECK(shown
        == std::map<identity_id, json::value>{{pump, {{"a", 1}}},
                                              {filter, {{"a", 2}}}});
}
