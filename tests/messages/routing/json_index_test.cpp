#include "messages/routing/json_index.hpp"

#include "support/utf8_text.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <string>

using namespace tidegate;
using namespace tidegate::routing;
namespace json = boost::json;

namespace {

json::value any_json(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
  case 0:
    return nullptr;
  case 1:
    return *rc::gen::arbitrary<bool>();
  case 2:
    return *rc::gen::arbitrary<std::int64_t>();
  case 3:
    return *rc::gen::map(rc::gen::arbitrary<int>(),
                         [](int n) { return n / 7.0; });
  case 4:
  case 5:
    return json::value{*utf8_text()};
  case 6: {
    json::array all;
    for (auto n = *rc::gen::inRange(0, 4); n > 0; --n)
      all.push_back(any_json(depth - 1));
    return all;
  }
  default: {
    json::object all;
    for (auto n = *rc::gen::inRange(0, 4); n > 0; --n)
      all[*utf8_text()] = any_json(depth - 1);
    return all;
  }
  }
}

/// How many index entries a value has.
std::size_t entries_of(const json::value& from) {
  std::size_t sum = 1;
  if (const auto* all = from.if_array())
    for (const auto& each : *all)
      sum += entries_of(each);
  if (const auto* all = from.if_object())
    for (const auto& each : *all)
      sum += 1 + entries_of(each.value());
  return sum;
}

bool is_json(std::string_view text) {
  json::error_code error;
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  options.max_depth = 64;
  json::parse(text, error, {}, options);
  return !error;
}

} // namespace

TEST_CASE("every JSON document is indexed whole", "[routing]") {
  json_index index;
  CHECK(rc::check([&] {
    const auto value = any_json(3);
    const auto text = json::serialize(value);
    RC_ASSERT(index.read(text));
    RC_ASSERT(index.entries().size() == entries_of(value));
    RC_ASSERT(index.entries().front().next == index.entries().size());
  }));
}

TEST_CASE("a damaged document is judged as a full parser judges it",
          "[routing]") {
  json_index index;
  CHECK(rc::check([&] {
    auto text = json::serialize(any_json(2));
    for (auto n = *rc::gen::inRange(1, 4); n > 0 && !text.empty(); --n) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      text[at] = *rc::gen::elementOf(std::string{"{}[]:,\"\\0123e.-+ tn\x01"});
    }
    // Boost.JSON gives up on exponents that no double has.
    RC_PRE(text.find_first_of("eE") == std::string::npos);
    RC_ASSERT(index.read(text) == is_json(text));
  }));
}

TEST_CASE("blanks may stand between all parts", "[routing]") {
  json_index index;
  CHECK(
    index.read(" \t\r\n{ \"a\" : [ 1 , true , { } , [ ] ] , \"b\" : \"x\" } "));
  CHECK(index.entries().size() == 9);
}

TEST_CASE("numbers have the form that JSON gives them", "[routing]") {
  json_index index;
  for (const auto* text : {"0", "-0", "12", "1.5", "1e5", "1E-5", "-1.5e+5"})
    CHECK(index.read(text));
  for (const auto* text :
       {"01", "+1", ".5", "5.", "1e", "1e+", "-", "0x1", "NaN", "1 2"})
    CHECK_FALSE(index.read(text));
}

TEST_CASE("control characters must be escaped", "[routing]") {
  json_index index;
  CHECK_FALSE(index.read(std::string_view{"\"a\x01\""}));
  CHECK_FALSE(index.read(std::string_view{"\"a\0\"", 4}));
  CHECK_FALSE(index.read(R"("\x")"));
  CHECK_FALSE(index.read(R"("\u12")"));
  CHECK_FALSE(index.read("\"\\"));
  CHECK(index.read(R"("\u0000")"));
}
