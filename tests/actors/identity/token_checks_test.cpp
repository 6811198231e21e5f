#include "actors/identity/token_checks.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

using checks = token_checks<int>;

identity_id device(std::size_t number) {
  return {"d" + std::to_string(number), {}};
}

const sas_time now{std::chrono::seconds{1'000'000}};

} // namespace

TEST_CASE("a few tokens are checked at once, the others in order",
          "[own_tokens]") {
  checks some;
  for (std::size_t i = 0; i <= checks::most_at_once; ++i)
    REQUIRE(some.add(device(i), "t", now, static_cast<int>(i)));
  for (std::size_t i = 0; i < checks::most_at_once; ++i)
    CHECK(some.next()->first == device(i));
  CHECK(some.next() == nullptr);
  CHECK(some.take(device(2), "other").empty());
  CHECK(some.next() == nullptr);
  CHECK(some.take(device(2), "t") == std::vector<int>{2});
  REQUIRE(some.next());
  CHECK(some.take(device(checks::most_at_once), "t").size() == 1);
  CHECK(some.next() == nullptr);
  CHECK(some.take_all() == std::vector<int>{0, 1, 3});
}

TEST_CASE("who brings the same token shares one check", "[own_tokens]") {
  checks some;
  for (int i = 0; i < 10; ++i)
    REQUIRE(some.add(device(0), "t", now, i));
  REQUIRE(some.next());
  CHECK(some.next() == nullptr);
  CHECK(some.take(device(0), "t").size() == 10);
}

TEST_CASE("nobody has the parent check token after token", "[own_tokens]") {
  checks some;
  for (unsigned i = 0; i < checks::burst; ++i)
    REQUIRE(some.add(device(0), std::to_string(i), now, 0));
  CHECK_FALSE(some.add(device(0), "one more", now, 0));
  CHECK(some.add(device(1), "another's", now, 0));
  CHECK(some.add(device(0), "one more", now + checks::gap, 0));
}

TEST_CASE("only so many checks wait", "[own_tokens]") {
  checks some;
  for (std::size_t i = 0; i < checks::most_waiting; ++i)
    REQUIRE(some.add(device(i), "t", now, 0));
  CHECK_FALSE(some.add({"late", {}}, "t", now, 0));
}

TEST_CASE("clients that are known wait for no strangers", "[own_tokens]") {
  checks some;
  for (std::size_t i = 0; i < checks::most_strange_waiting; ++i)
    REQUIRE(some.add(device(i), "t", now, 0, false));
  CHECK_FALSE(some.add({"stranger", {}}, "t", now, 0, false));
  for (std::size_t i = 0; i < checks::most_strange_at_once; ++i)
    REQUIRE(some.next());
  CHECK(some.next() == nullptr);
  REQUIRE(some.add({"known", {}}, "t", now, 0));
  REQUIRE(some.add({"other", {}}, "t", now, 0));
  CHECK(some.next()->first.device == "known");
  CHECK(some.take(device(0), "t").size() == 1);
  CHECK(some.next()->first.device == "other");
}
