#include "actors/identity/identity_questions.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using questions = identity_questions;

const sas_time start{std::chrono::seconds{1'767'225'600}};

identity_id numbered(std::size_t number, bool known = false) {
  return {(known ? "known-" : "id-") + std::to_string(number), {}};
}

/// How many of `count` more are taken.
std::size_t taken(questions& from, std::size_t count, bool known, sas_time at) {
  std::size_t good = 0;
  for (std::size_t i = 0; i < count; ++i)
    good += from.add(numbered(i, known), known, at) ? 1 : 0;
  return good;
}

std::size_t begun(questions& from) {
  std::size_t count = 0;
  while (from.next())
    ++count;
  return count;
}

} // namespace

TEST_CASE("so many identities are asked about at once", "[identity]") {
  questions all;
  CHECK(taken(all, 50, false, start) == 50);
  CHECK(begun(all) == questions::most_strange_at_once);
  CHECK(taken(all, 50, true, start) == 50);
  CHECK(begun(all)
        == questions::most_at_once - questions::most_strange_at_once);
  all.end(numbered(0));
  const auto next = all.next();
  REQUIRE(next);
  CHECK(*next == numbered(4, true));
}

TEST_CASE("strangers share a rate that known ones do not", "[identity]") {
  questions all;
  CHECK(taken(all, 1000, false, start) == questions::burst);
  CHECK(taken(all, 1, false, start) == 0);
  CHECK(taken(all, 1000, true, start) == questions::burst);
  CHECK(taken(all, 1000, false, start + 2s) == 2 * questions::per_second);
  SECTION("a clock that is set back gives nothing and takes nothing") {
    CHECK(taken(all, 10, false, start - 1h) == 0);
    CHECK(taken(all, 1000, false, start - 1h + 1s) == questions::per_second);
  }
  SECTION("and the burst is never more than that") {
    all.drop_unless([](const identity_id&) { return false; });
    CHECK(taken(all, 1000, false, start + 240h) == questions::burst);
  }
}

TEST_CASE("a question that nobody waits for is not asked", "[identity]") {
  questions all;
  taken(all, 10, false, start);
  all.drop_unless([](const identity_id& id) { return id == numbered(7); });
  CHECK(*all.next() == numbered(7));
  CHECK_FALSE(all.next());
}
