#include "messages/twin/merge.hpp"

#include "messages/twin/json_gen.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace tidegate;
namespace json = boost::json;
using twin::nulls;

TEST_CASE("patches are merged as the vectors say", "[twin]") {
  const auto vectors = read_vectors("twins.json");
  for (const auto& value : vectors.at("merge").as_array()) {
    const auto& vector = value.as_object();
    INFO(json::serialize(value));
    const auto merged = [&](nulls how) {
      return twin::merge(vector.at("base").as_object(),
                         vector.at("patch").as_object(), how);
    };
    CHECK(merged(nulls::remove) == vector.at("nullDeletes").as_object());
    CHECK(merged(nulls::keep) == vector.at("nullKept").as_object());
  }
}

TEST_CASE("documents differ as the vectors say", "[twin]") {
  const auto vectors = read_vectors("twins.json");
  for (const auto& value : vectors.at("diff").as_array()) {
    INFO(json::serialize(value));
    CHECK(twin::diff(value.at("from").as_object(), value.at("to").as_object())
          == value.at("patch").as_object());
  }
}

TEST_CASE("an agent's report differs as its vectors say", "[twin]") {
  const auto vectors = read_vectors("agent-reported-diff.json");
  for (const auto& value : vectors.at("cases").as_array()) {
    INFO(json::serialize(value));
    const auto of = [&](const char* name) -> const json::object& {
      return value.at(name).as_object();
    };
    if (value.at("op") == "diff")
      CHECK(twin::diff(of("from"), of("to")) == of("expect"));
    else
      CHECK(twin::merge(of("base"), of("patch"), nulls::remove)
            == of("expect"));
  }
}

TEST_CASE("merging twin documents", "[twin]") {
  rc::prop("what differs makes the one out of the other", [] {
    const auto from = any_object(false);
    const auto to = any_object(false);
    RC_ASSERT(twin::merge(from, twin::diff(from, to), nulls::remove) == to);
  });
  rc::prop("a patch taken twice changes nothing more", [] {
    const auto base = any_object(false);
    const auto patch = any_object(true);
    const auto once = twin::merge(base, patch, nulls::remove);
    RC_ASSERT(without_nulls(twin::merge(once, patch, nulls::remove))
              == without_nulls(once));
  });
  rc::prop("the parts of a patch do what the whole does", [] {
    const auto base = any_object(false);
    const auto patch = any_object(true);
    const auto limit = *rc::gen::inRange<std::size_t>(10, 60);
    auto merged = base;
    for (const auto& part : twin::split(patch, limit))
      merged = twin::merge(std::move(merged), json::parse(part).as_object(),
                           nulls::remove);
    RC_ASSERT(without_nulls(merged)
              == without_nulls(twin::merge(base, patch, nulls::remove)));
  });
}

TEST_CASE("no part of a patch is larger than allowed", "[twin]") {
  json::object patch;
  for (int i = 0; i < 100; ++i)
    patch["group"].is_object()
      ? void(patch["group"].get_object()["k" + std::to_string(i)] = "value")
      : void(patch["group"] = json::object{{"first", "value"}});
  const auto parts = twin::split(patch, 200);
  CHECK(parts.size() > 5);
  for (const auto& part : parts)
    CHECK(part.size() <= 200);
}
