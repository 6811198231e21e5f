#include "messages/twin/pending_patch.hpp"

#include "messages/twin/edge_twin.hpp"
#include "messages/twin/json_gen.hpp"
#include "messages/twin/merge.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace tidegate;
namespace json = boost::json;
using twin::nulls;

namespace {

/// The parent's document once it has taken everything in `pending`.
json::object taken(json::object parent, const twin::pending_patch& pending,
                   std::size_t limit = 32'768) {
  for (const auto& part : pending.parts(limit))
    parent = twin::merge(std::move(parent), json::parse(part).as_object(),
                         nulls::remove);
  return parent;
}

} // namespace

TEST_CASE("patches made offline are kept as the vectors say", "[twin]") {
  const auto vectors = read_vectors("twins.json");
  for (const auto& value : vectors.at("reportedOffline").as_array()) {
    INFO(json::serialize(value));
    twin::edge_twin one;
    one.cached = {{}, value.at("startingReported").as_object()};
    for (const auto& patch : value.at("patches").as_array())
      CHECK_FALSE(twin::report(one, patch.as_object()));
    CHECK(one.cached->reported == value.at("localReported").as_object());
    CHECK(one.pending.removed.empty());
    CHECK(one.pending.changed == value.at("pendingUpstreamPatch").as_object());
  }
}

TEST_CASE("an object over what is gone does not bring old members back",
          "[twin]") {
  twin::pending_patch pending;
  pending.add({{"a", nullptr}});
  pending.add({{"a", {{"y", 1}}}});
  CHECK(taken({{"a", {{"x", 1}}}}, pending) == json::object{{"a", {{"y", 1}}}});
}

TEST_CASE("what is pending", "[twin]") {
  rc::prop("gives the parent what the client has", [] {
    const auto start = any_object(false);
    auto local = start;
    twin::pending_patch pending;
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
      const auto patch = any_object(true);
      local = twin::merge(std::move(local), patch, nulls::remove);
      pending.add(patch);
    }
    const auto limit = *rc::gen::inRange<std::size_t>(20, 200);
    const auto parent = taken(start, pending, limit);
    RC_ASSERT(without_nulls(parent) == without_nulls(local));
    // A crash before it is noted that the parent has taken it: sent again.
    RC_ASSERT(without_nulls(taken(parent, pending, limit))
              == without_nulls(local));
  });
}
