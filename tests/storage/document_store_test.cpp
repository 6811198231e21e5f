#include "storage/document_store.hpp"

#include "messages/ec.hpp"
#include "support/lane_fixture.hpp"

using namespace tidegate;

TEST_CASE_METHOD(lane_fixture, "a document is found again", "[documents]") {
  document_store modules{db, "modules"};
  REQUIRE_FALSE(modules.put("pump", {{"restarts", 3}}));
  REQUIRE(modules.get("pump"));
  CHECK(modules.get("pump")->at("restarts") == 3);
  CHECK_FALSE(modules.remove("pump"));
  CHECK(modules.get("pump").error() == ec::not_found);
  CHECK_FALSE(modules.remove("pump"));
}

TEST_CASE_METHOD(lane_fixture, "collections do not see each other",
                 "[documents]") {
  document_store modules{db, "modules"};
  document_store sessions{db, "sessions"};
  REQUIRE_FALSE(modules.put("a", 1));
  REQUIRE_FALSE(modules.put("b", 2));
  REQUIRE_FALSE(sessions.put("a", 3));
  const auto all = modules.all();
  REQUIRE(all);
  CHECK(*all == std::map<std::string, boost::json::value>{{"a", 1}, {"b", 2}});
}

TEST_CASE_METHOD(lane_fixture, "a document has a largest size", "[documents]") {
  document_store modules{db, "modules"};
  CHECK(modules.put("a", boost::json::string(2 << 20, 'x'))
        == ec::bad_argument);
  CHECK(modules.put(std::string(2000, 'x'), 1) == ec::bad_argument);
}
