#include "runtime/node/open_identities.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

struct fixture {
  temporary_folder folder;
  std::filesystem::path key = folder.path() / "seal.key";
  database_ptr db = open_database();

  database_ptr open_database() {
    database_options options;
    options.path = folder.path() / "store";
    return *database::open(options);
  }

  void fill() {
    const auto opened = open_identities(db, key, false);
    REQUIRE(opened);
    identity wanted;
    wanted.id = {"leaf", ""};
    wanted.primary_key = "a2V5";
    REQUIRE(opened->store->create(wanted));
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "identities are there again after a restart",
                 "[identities][io]") {
  fill();
  const auto again = open_identities(db, key, true);
  REQUIRE(again);
  CHECK(again->damaged == 0);
  CHECK(again->store->get({"leaf", ""}));
}

TEST_CASE_METHOD(fixture, "a hub without its key does not start",
                 "[identities][io]") {
  fill();
  SECTION("when the file is missing") { std::filesystem::remove(key); }
  SECTION("when it is another one") {
    std::filesystem::remove(key);
    REQUIRE(seal::open(key));
  }
  const auto opened = open_identities(db, key, false);
  REQUIRE_FALSE(opened);
  CHECK(opened.error() == ec::bad_argument);
  CHECK(error_text(opened.error()).find(key.string()) != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a gateway without its key learns again",
                 "[identities][io]") {
  fill();
  std::filesystem::remove(key);
  const auto opened = open_identities(db, key, true);
  REQUIRE(opened);
  CHECK(opened->damaged == 1);
  CHECK(opened->store->get({"leaf", ""}).error() == ec::not_found);
}

TEST_CASE_METHOD(fixture, "a first start makes the key", "[identities][io]") {
  REQUIRE(open_identities(db, key, false));
  CHECK(std::filesystem::exists(key));
}

TEST_CASE_METHOD(fixture, "a gateway whose key is damaged learns again",
                 "[identities][io]") {
  fill();
  const auto text = GENERATE(as<std::string>{}, "", "half a key");
  std::filesystem::resize_file(key, text.size());
  const auto opened = open_identities(db, key, true);
  REQUIRE(opened);
  CHECK(opened->damaged == 1);
  CHECK(std::filesystem::exists(key.string() + ".damaged"));
  CHECK(open_identities(db, key, true)->damaged == 0);
}

TEST_CASE_METHOD(fixture, "a record that does not open is set aside",
                 "[identities][io]") {
  fill();
  {
    const auto at = db->enter();
    REQUIRE(at->db
              ->Put({}, at->family(partition::identities),
                    std::string{"pump\0", 5}, "rubbish")
              .ok());
  }
  SECTION("at a gateway, where it is asked for again") {
    quarantine aside{folder.path() / "aside"};
    const auto opened = open_identities(db, key, true, &aside);
    REQUIRE(opened);
    CHECK(opened->damaged == 1);
    CHECK(opened->store->get({"leaf", ""}));
    CHECK(opened->store->get({"pump", ""}).error() == ec::not_found);
    CHECK(aside.size() > 0);
  }
  SECTION("but not at a hub, where it lets nobody in") {
    const auto opened = open_identities(db, key, false);
    REQUIRE(opened);
    CHECK(opened->store->get({"leaf", ""}));
    CHECK(opened->store->get({"pump", ""}).error() == ec::store_damaged);
  }
}
