#include "storage/own_tokens.hpp"

#include "messages/ec.hpp"
#include "support/lane_fixture.hpp"

using namespace tidegate;

namespace {

const identity_id pump{"pump-7", {}};
const identity_id filter{"edge-1", "filter"};
const auto key = std::make_shared<const seal>(std::string(32, 'k'));

} // namespace

TEST_CASE_METHOD(lane_fixture, "a client's own token is found after a restart",
                 "[own_tokens]") {
  {
    const auto tokens = *own_tokens::open(db, key);
    CHECK_FALSE(tokens->find(pump));
    REQUIRE_FALSE(tokens->put(pump, {"one two", 7}, 0));
    REQUIRE_FALSE(tokens->put(filter, {"", 8}, 0));
  }
  open();
  auto tokens = *own_tokens::open(db, key);
  CHECK(tokens->find(pump) == own_token{"one two", 7});
  CHECK(tokens->find(filter) == own_token{"", 8});
  REQUIRE_FALSE(tokens->remove(pump));
  CHECK_FALSE(tokens->remove(pump));
  tokens.reset();
  open();
  CHECK_FALSE((*own_tokens::open(db, key))->find(pump));
}

TEST_CASE_METHOD(lane_fixture, "clients' own tokens are not readable on disk",
                 "[own_tokens]") {
  REQUIRE_FALSE((*own_tokens::open(db, key))->put(pump, {"secret", 7}, 0));
  SECTION("nor with another key") {
    const auto other = std::make_shared<const seal>(std::string(32, 'x'));
    // What does not open lets nobody in; but what waits of its client waits.
    const auto tokens = *own_tokens::open(db, other);
    CHECK(tokens->find(pump) == own_token{});
    CHECK(tokens->damaged() == 1);
    CHECK((*own_tokens::open(db, other))->damaged() == 0);
  }
  SECTION("as text") {
    const auto at = db->enter();
    const std::unique_ptr<rocksdb::Iterator> it{
      at->db->NewIterator({}, at->family(partition::documents))};
    it->SeekToFirst();
    REQUIRE(it->Valid());
    CHECK(it->value().ToString().find("secret") == std::string::npos);
  }
}

TEST_CASE_METHOD(lane_fixture,
                 "so many clients come by their own tokens, and no more",
                 "[own_tokens]") {
  const auto tokens = *own_tokens::open(db, key);
  for (std::size_t i = 0; i < own_tokens::most; ++i)
    REQUIRE_FALSE(tokens->put({"d" + std::to_string(i), {}},
                              {"t", 100 + static_cast<std::int64_t>(i)}, 0));
  CHECK(tokens->put(pump, {"t", 900}, 100) == ec::refused);
  CHECK_FALSE(tokens->put({"d5", {}}, {"newer", 900}, 100));
  CHECK_FALSE(tokens->put(pump, {"t", 900}, 101));
  CHECK(tokens->find(pump));
  CHECK_FALSE(tokens->find({"d0", {}})); // its token ended first
  CHECK(tokens->find({"d1", {}}));
}
