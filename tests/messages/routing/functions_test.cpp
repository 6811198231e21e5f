#include "fixture.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::routing;

namespace {

std::string value(const std::string& text) {
  static const auto message = vector_fixture("telemetry");
  return result_of(text, message);
}

} // namespace

TEST_CASE("number functions compute", "[routing]") {
  CHECK(value("abs(-2.5) = 2.5") == "true");
  CHECK(value("floor(2.9) = 2 AND ceiling(2.1) = 3") == "true");
  CHECK(value("sqrt(-1) = 0") == "undefined");
  CHECK(value("sign(0) = 0 AND sign(3) = 1 AND sign(-3) = -1") == "true");
  CHECK(value("power(2, 0.5) * power(2, 0.5) > 1.99") == "true");
  CHECK(value("square(-3) = 9") == "true");
  CHECK(value("exp(1) > 2.718 AND exp(1) < 2.719") == "true");
  CHECK(value("ABS(-1) = 1") == "true");
}

TEST_CASE("as_number reads what the invariant culture reads", "[routing]") {
  for (const auto* text :
       {"12", " 12 ", "+12", "12.0", "1.2e1", "1.2E+01", "12-", "0012"}) {
    INFO(text);
    const auto sign = std::string{text} == "12-" ? "-12" : "12";
    CHECK(value("as_number('" + std::string{text} + "') = " + sign) == "true");
  }
  CHECK(value("as_number('(5)') = -5") == "true");
  CHECK(value("as_number('1,234,567.5') = 1234567.5") == "true");
  CHECK(value("as_number('.5') = 0.5") == "true");
  CHECK(value("as_number('5.') = 5") == "true");
  CHECK(value("as_number('Infinity') = 1 / 0") == "true");
  CHECK(value("as_number('-infinity') = -1 / 0") == "true");
  CHECK(value("as_number('1e999') = 1 / 0") == "true");
  CHECK(value("as_number(7) = 7") == "true");
  for (const auto* text : {"", " ", "x", "1x", "1 2", "0x10", "--1", "1e", "+",
                           "NaN", "nan", "inf", "1.2.3", "1.2,3", ",1"}) {
    INFO(text);
    CHECK(value("is_defined(as_number('" + std::string{text} + "'))")
          == "false");
  }
}

TEST_CASE("case changes letters of all scripts one for one", "[routing]") {
  CHECK(value("lower('\xC3\x84\xD0\x96 X') = '\xC3\xA4\xD0\xB6 x'") == "true");
  CHECK(value("upper('\xC3\xA4\xD0\xB6 x') = '\xC3\x84\xD0\x96 X'") == "true");
  CHECK(value("upper('\xC3\x9F') = '\xC3\x9F'") == "true");
  CHECK(value("upper('\xC4\xB1') = '\xC4\xB1'") == "true");
  CHECK(value("lower('\xC4\xB0') = '\xC4\xB0'") == "true");
  CHECK(value("lower(upper(lower('MiXed'))) = 'mixed'") == "true");
}

TEST_CASE("text is measured in UTF-16 code units", "[routing]") {
  CHECK(value(R"(length('a\u00E9\u20AC\uD83D\uDE00') = 5)") == "true");
  CHECK(value(R"(index_of('\uD83D\uDE00x', 'x') = 2)") == "true");
  CHECK(value(R"(substring('\u00E9\u20ACx', 1, 1) = '\u20AC')") == "true");
  CHECK(value(R"(substring('\uD83D\uDE00x', 2) = 'x')") == "true");
  CHECK(value(R"(is_defined(substring('\uD83D\uDE00x', 1)))") == "false");
}

TEST_CASE("substring stays inside its text", "[routing]") {
  CHECK(value("substring('abc', 0) = 'abc'") == "true");
  CHECK(value("substring('abc', 3) = ''") == "true");
  CHECK(value("is_defined(substring('abc', 4))") == "false");
  CHECK(value("is_defined(substring('abc', -1))") == "false");
  CHECK(value("substring('abc', 1.9) = 'bc'") == "true");
  CHECK(value("substring('abc', 0, 3) = 'abc'") == "true");
  CHECK(value("substring('abc', 2, 0) = ''") == "true");
  CHECK(value("is_defined(substring('abc', 1, 3))") == "false");
  CHECK(value("is_defined(substring('abc', 0, -1))") == "false");
  CHECK(value("is_defined(substring('abc', 0, 1 / 0))") == "false");
  CHECK(value("is_defined(substring('abc', 0 / 0))") == "false");
  CHECK(value("is_defined(substring('', 0, 0))") == "false");
}

TEST_CASE("searching compares exactly", "[routing]") {
  CHECK(value("index_of('abcabc', 'ca') = 2") == "true");
  CHECK(value("index_of('abc', '') = 0") == "true");
  CHECK(value("index_of('abc', 'B') = -1") == "true");
  CHECK(value("starts_with('abc', 'ab') AND ends_with('abc', 'bc')") == "true");
  CHECK(value("starts_with('abc', '') AND contains('abc', 'b')") == "true");
  CHECK(value("contains('abc', 'abcd')") == "false");
  CHECK(value("contains(missing, 'a')") == "undefined");
  CHECK(value("starts_with('a', empty)") == "undefined");
}

TEST_CASE("concat joins any number of parts", "[routing]") {
  CHECK(value("concat('a', 'b', 'c') = 'abc'") == "true");
  CHECK(value("is_defined(concat('a', missing))") == "false");
  std::string many = "'x'";
  std::string whole = "x";
  for (int i = 0; i < 300; ++i) {
    many += ", '" + std::to_string(i) + "'";
    whole += std::to_string(i);
  }
  CHECK(value("concat(" + many + ") = '" + whole + "'") == "true");
}

TEST_CASE("is_ functions tell the kinds apart", "[routing]") {
  CHECK(value("is_bool(true)") == "true");
  CHECK(value("is_bool(missing = 'a')") == "undefined");
  CHECK(value("is_bool(level)") == "false");
  CHECK(value("is_bool($body.ok)") == "true");
  CHECK(value("is_bool($body.rpm)") == "false");
  CHECK(value("is_bool($body.loc)") == "undefined");
  CHECK(value("is_string(level)") == "true");
  CHECK(value("is_string(missing)") == "false");
  CHECK(value("is_string($body.loc)") == "false");
  CHECK(value("is_number($body.name)") == "false");
  CHECK(value("is_number(level)") == "false");
  CHECK(value("is_null(3)") == "false");
  CHECK(value("is_null($body.loc)") == "undefined");
  CHECK(value("is_defined(null)") == "true");
  CHECK(value("is_defined(undefined)") == "false");
}
