#include "storage/identity_store.hpp"

#include "messages/ec.hpp"
#include "support/lane_fixture.hpp"

using namespace tidegate;

namespace {

struct identity_fixture : lane_fixture {
  seal_ptr key = std::make_shared<const seal>(std::string(32, 'k'));
  identity_store identities{db, key};

  identity make(const identity_id& id) {
    identity wanted;
    wanted.id = id;
    wanted.primary_key = "a2V5";
    auto made = identities.create(wanted);
    INFO(why(made));
    REQUIRE(made);
    return *made;
  }
};

std::vector<std::string> ids(const caf::expected<std::vector<identity>>& all) {
  INFO(why(all));
  REQUIRE(all);
  std::vector<std::string> names;
  for (const auto& one : *all)
    names.push_back(to_string(one.id));
  return names;
}

} // namespace

TEST_CASE_METHOD(identity_fixture, "an identity is found again",
                 "[identities]") {
  const auto made = make({"edge-1", {}});
  CHECK_FALSE(made.generation.empty());
  CHECK_FALSE(made.etag.empty());
  REQUIRE(identities.get({"edge-1", {}}));
  CHECK(*identities.get({"edge-1", {}}) == made);
}

TEST_CASE_METHOD(identity_fixture, "an identity is made once", "[identities]") {
  make({"edge-1", {}});
  const auto again = identities.create({{"edge-1", {}}});
  REQUIRE_FALSE(again);
  CHECK(again.error() == ec::exists);
}

TEST_CASE_METHOD(identity_fixture, "a module needs its device",
                 "[identities]") {
  const auto made = identities.create({{"edge-1", "pump"}});
  REQUIRE_FALSE(made);
  CHECK(made.error() == ec::not_found);
}

TEST_CASE_METHOD(identity_fixture, "ids that no hub accepts are refused",
                 "[identities]") {
  for (const auto& id :
       {identity_id{"", {}}, identity_id{"a b", {}}, identity_id{"a/b", {}},
        identity_id{std::string(129, 'a'), {}}, identity_id{"a", "m\n"}}) {
    const auto made = identities.create({id});
    REQUIRE_FALSE(made);
    CHECK(made.error() == ec::bad_argument);
  }
}

TEST_CASE_METHOD(identity_fixture, "an update needs the present etag, or none",
                 "[identities]") {
  auto known = make({"edge-1", {}});
  known.enabled = false;
  const auto updated = identities.update(known);
  REQUIRE(updated);
  CHECK(updated->etag != known.etag);
  CHECK(updated->generation == known.generation);
  CHECK_FALSE(identities.get(known.id)->enabled);

  const auto stale = identities.update(known);
  REQUIRE_FALSE(stale);
  CHECK(stale.error() == ec::stale);
  known.etag.clear();
  CHECK(identities.update(known));
}

TEST_CASE_METHOD(identity_fixture, "identities are listed page by page",
                 "[identities]") {
  make({"b", {}});
  make({"a", {}});
  make({"a", "two"});
  make({"a", "one"});
  make({"a-1", {}});
  using names = std::vector<std::string>;
  CHECK(ids(identities.list(100)) == names{"a", "a/one", "a/two", "a-1", "b"});
  CHECK(ids(identities.list(2)) == names{"a", "a/one"});
  CHECK(ids(identities.list(2, {"a", "one"})) == names{"a/two", "a-1"});
  CHECK(ids(identities.modules("a")) == names{"a/one", "a/two"});
}

TEST_CASE_METHOD(identity_fixture, "a device goes with its modules",
                 "[identities]") {
  make({"a", {}});
  make({"a", "one"});
  make({"a-1", {}});
  CHECK(identities.remove({"a", {}}, "another etag") == ec::stale);
  CHECK_FALSE(identities.remove({"a", {}}));
  CHECK(ids(identities.list(100)) == std::vector<std::string>{"a-1"});
  CHECK(identities.remove({"a", {}}) == ec::not_found);
}

TEST_CASE_METHOD(lane_fixture, "identities survive under any durability",
                 "[identities]") {
  const auto key = std::make_shared<const seal>(std::string(32, 'k'));
  options.safety = durability::none;
  open();
  CHECK_FALSE(identity_store{db, key}.put({{"edge-1", {}}}));
  open();
  CHECK(identity_store{db, key}.get({"edge-1", {}}));
}

TEST_CASE_METHOD(identity_fixture, "identities lie sealed on disk",
                 "[identities]") {
  make({"edge-1", {}});
  make({"edge-1", "pump"});
  const auto open = db->enter();
  auto* const family = open->family(partition::identities);
  const std::unique_ptr<rocksdb::Iterator> it{
    open->db->NewIterator({}, family)};
  it->SeekToFirst();
  REQUIRE(it->Valid());
  CHECK(it->value().ToString().find("a2V5") == std::string::npos);
  SECTION("with another key they are damaged, and no more") {
    identity_store other{db,
                         std::make_shared<const seal>(std::string(32, 'x'))};
    CHECK(other.get({"edge-1", {}}).error() == ec::store_damaged);
    CHECK(ids(other.list(10)).empty());
    CHECK(other.examine()->damaged == 2);
  }
  SECTION("a damaged one is removed without the others") {
    REQUIRE(open->db->Put({}, family, it->key(), "rubbish").ok());
    CHECK(identities.examine()->readable == 1);
    CHECK(identities.examine()->damaged == 1);
    REQUIRE_FALSE(identities.remove_damaged());
    CHECK(identities.get({"edge-1", {}}).error() == ec::not_found);
    CHECK(ids(identities.list(10)) == std::vector<std::string>{"edge-1/pump"});
  }
}
