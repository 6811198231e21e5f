#include "actors/identity/scope_changes.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using ids = std::vector<identity_id>;

TEST_CASE("a gateway hears what changed since it asked", "[identity]") {
  scope_changes changes{"run"};
  const auto start = changes.revision();
  CHECK(changes.since(start, "edge").none());
  changes.note({"leaf", ""}, {"leaf", "edge"});
  changes.note({"far", ""}, {"far", "other"});
  changes.note({"leaf", ""}, {"leaf", "edge"});
  CHECK(changes.since(start, "edge").ids == ids{{"leaf", ""}});
  CHECK(changes.since(start, "other").ids == ids{{"far", ""}});
  CHECK(changes.since(changes.revision(), "edge").none());
}

TEST_CASE("who is too far behind reads everything", "[identity]") {
  scope_changes changes{"run"};
  const auto start = changes.revision();
  SECTION("after too many changes") {
    for (std::size_t i = 0; i < scope_changes::most_kept; ++i)
      changes.note({"leaf", ""}, {"edge"});
    CHECK_FALSE(changes.since(start, "edge").everything);
    changes.note({"leaf", ""}, {"edge"});
    CHECK(changes.since(start, "edge").everything);
  }
  SECTION("when the tree changed") {
    changes.note_everything();
    CHECK(changes.since(start, "edge").everything);
    CHECK(changes.since(changes.revision(), "edge").none());
  }
  SECTION("with a revision that is none of ours") {
    for (const auto* other : {"", "run", "run.", "run.x", "run.7", "old.0"}) {
      INFO(other);
      CHECK(changes.since(other, "edge").everything);
    }
  }
}
