#include "messages/twin/rules.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
namespace json = boost::json;

namespace {

/// The patch that a vector means, as text.
std::string patch_of(const json::object& vector) {
  if (const auto* patch = vector.if_contains("patch"))
    return json::serialize(*patch);
  const auto described = text_or_empty(vector, "patchDescription");
  if (described == "property name of 1024 bytes, value 1")
    return json::serialize(json::object{{std::string(1024, 'n'), 1}});
  if (described == "property name of 1025 bytes")
    return json::serialize(json::object{{std::string(1025, 'n'), 1}});
  const std::size_t size
    = described == "serialized patch of 32768 bytes" ? 32'768 : 32'769;
  json::object patch;
  for (char name = 'a'; name < 'h'; ++name)
    patch[std::string(1, name)] = std::string(4096, 'x');
  const auto left = size - json::serialize(patch).size();
  patch["z"] = std::string(left - std::string{R"(,"z":"")"}.size(), 'x');
  auto text = json::serialize(patch);
  REQUIRE(text.size() == size);
  return text;
}

} // namespace

TEST_CASE("reported patches are checked as the vectors say", "[twin]") {
  const auto vectors = read_vectors("twins.json");
  for (const auto& value : vectors.at("validateReported").as_array()) {
    const auto& vector = value.as_object();
    INFO(json::serialize(value).substr(0, 300));
    const auto read = twin::read_patch(patch_of(vector));
    CHECK(bool(read) == vector.at("valid").as_bool());
    if (!read)
      CHECK(read.error() == ec::bad_argument);
  }
}

TEST_CASE("what is no JSON is told from what breaks a rule", "[twin]") {
  CHECK(twin::read_patch("not json").error() == ec::malformed);
  CHECK(twin::read_patch("").error() == ec::malformed);
  CHECK(twin::read_patch("[1]").error() == ec::bad_argument);
  CHECK(twin::read_patch(R"({"a b":1})").error() == ec::bad_argument);
}

TEST_CASE("a patch that is too deep even to be read breaks a rule", "[twin]") {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += R"({"l":)";
  text += "1" + std::string(100, '}');
  CHECK(twin::read_patch(text).error() == ec::bad_argument);
}

TEST_CASE("white space around members does not count", "[twin]") {
  CHECK(twin::read_patch("{" + std::string(40'000, ' ') + R"("a":1})"));
}

TEST_CASE("white space and controls of Unicode are not in names", "[twin]") {
  CHECK_FALSE(twin::read_patch("{\"a\u00a0b\":1}"));
  CHECK_FALSE(twin::read_patch("{\"a\u2003b\":1}"));
  CHECK_FALSE(twin::read_patch("{\"a\\u0085b\":1}"));
  CHECK(twin::read_patch("{\"t\u00fcr\":1}"));
}

TEST_CASE("a broken rule is told with the place", "[twin]") {
  const auto text
    = error_text(twin::read_patch(R"({"a":{"b":4503599627370496}})").error());
  CHECK(text.find("a.b: the integer") == 0);
}

TEST_CASE("a section has a largest size", "[twin]") {
  json::object section{{"a", std::string(200'000, 'x')}};
  CHECK_FALSE(twin::check_section("reported", section));
  section["b"] = std::string(100'000, 'x');
  CHECK(twin::check_section("reported", section) == ec::bad_argument);
}
