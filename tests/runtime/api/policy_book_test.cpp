#include "runtime/api/policy_book.hpp"

#include "messages/ec.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

using namespace tidegate;

TEST_CASE("a hub makes its policies once and keeps them", "[policies][io]") {
  const temporary_folder folder;
  const auto file = folder.path() / "policies.json";
  const auto first = policy_book::open(file);
  REQUIRE(first);
  const auto all = *(*first)->board()->current();
  CHECK(all.size() == 5);
  std::set<std::string> keys;
  for (const auto& one : all)
    keys.insert({one.primary_key, one.secondary_key});
  CHECK(keys.size() == 10);
  CHECK(
    (std::filesystem::status(file).permissions() & std::filesystem::perms::all)
    == (std::filesystem::perms::owner_read
        | std::filesystem::perms::owner_write));
  const auto again = policy_book::open(file);
  REQUIRE(again);
  CHECK(*(*again)->board()->current() == all);
}

TEST_CASE("policies are created, renewed and deleted", "[policies][io]") {
  const temporary_folder folder;
  const auto file = folder.path() / "policies.json";
  const auto book = *policy_book::open(file);
  const auto made
    = book->create({"reader", {access_right::registry_read}, {}, {}});
  REQUIRE(made);
  CHECK(book->create(*made).error() == ec::exists);
  const auto renewed = book->renew("READER", policy_key::secondary);
  REQUIRE(renewed);
  CHECK(renewed->primary_key == made->primary_key);
  CHECK(renewed->secondary_key != made->secondary_key);
  CHECK(*(*policy_book::open(file))->get("reader") == *renewed);
  CHECK_FALSE(book->remove("reader"));
  CHECK(book->remove("reader") == ec::not_found);
  CHECK(book->renew("reader", policy_key::primary).error() == ec::not_found);
  CHECK((*policy_book::open(file))->get("reader").error() == ec::not_found);
}

TEST_CASE("a file of policies that cannot be read is named", "[policies][io]") {
  const temporary_folder folder;
  const auto file = folder.path() / "policies.json";
  for (const auto* const text :
       {"", "{}", R"([{"name":"a"}])", R"([{"name":"a","rights":["Own"]}])",
        R"([{"name":"a;b","rights":["RegistryRead"]}])",
        R"([{"name":"a","rights":["RegistryRead"],"primaryKey":"short"}])"}) {
    CAPTURE(text);
    std::ofstream{file} << text;
    const auto book = policy_book::open(file);
    REQUIRE_FALSE(book);
    CHECK(book.error() == ec::io_failed);
  }
}
