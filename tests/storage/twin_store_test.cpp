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
const auto key = std::make_shared<const seal>(std::string(32, 'k'));

} // namespace

TEST_CASE_METHOD(lane_fixture, "a twin is found again after a restart",
                 "[twin]") {
  {
    twin_store twins{db, key};
    CHECK(twins.get(pump).error() == ec::not_found);
    REQUIRE_FALSE(twins.write(
      {{pump, json::object{{"a", 1}}}, {filter, json::object{{"a", 2}}}}));
  }
  open();
  twin_store twins{db, key};
  REQUIRE(twins.get(filter));
  CHECK(*twins.get(filter) == json::value{{"a", 2}});
  REQUIRE_FALSE(twins.write({{pump, std::nullopt}}));
  CHECK(twins.get(pump).error() == ec::not_found);
}

TEST_CASE_METHOD(lane_fixture, "a written twin survives a power cut",
                 "[twin]") {
  {
    twin_store twins{db, key};
    REQUIRE_FALSE(twins.write({{pump, json::object{{"a", 1}}}}));
  }
  std::mt19937_64 random{1};
  disk->die_after(0);
  lanes.reset();
  db.reset();
  disk->lose_power(random);
  open();
  CHECK(twin_store{db, key}.get(pump));
}

TEST_CASE_METHOD(lane_fixture, "all twins are shown, and nothing else",
                 "[twin]") {
  twin_store twins{db, key};
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

TEST_CASE_METHOD(lane_fixture, "twins lie sealed on disk", "[twin]") {
  twin_store twins{db, key};
  REQUIRE_FALSE(twins.write({{pump, json::object{{"a", "secret"}}}}));
  const auto open = db->enter();
  auto* const family = open->family(partition::documents);
  const std::unique_ptr<rocksdb::Iterator> it{
    open->db->NewIterator({}, family)};
  it->Seek("twins");
  REQUIRE(it->Valid());
  CHECK(it->value().ToString().find("secret") == std::string::npos);
  SECTION("and do not open with another key") {
    const twin_store other{db,
                           std::make_shared<const seal>(std::string(32, 'x'))};
    CHECK(other.get(pump).error() == ec::store_damaged);
    int damaged = 0;
    REQUIRE_FALSE(other.visit(
      [&](const auto&, const auto& document) { damaged += document ? 0 : 1; }));
    CHECK(damaged == 1);
  }
  SECTION("nor as the twin of another") {
    auto moved = it->key().ToString();
    moved.replace(moved.find(pump.device), pump.device.size(), "pump-8");
    REQUIRE(open->db->Put({}, family, moved, it->value()).ok());
    CHECK(twins.get({"pump-8", {}}).error() == ec::store_damaged);
    CHECK(twins.get(pump));
  }
}
