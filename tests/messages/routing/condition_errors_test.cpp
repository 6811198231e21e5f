#include "messages/routing/condition.hpp"
#include "messages/routing/limits.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace tidegate::routing;

namespace {

std::string error_of(const std::string& text) {
  const auto found = compile_condition(text);
  return found ? std::string{} : to_string(found.error());
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i)
    result += text;
  return result;
}

} // namespace

TEST_CASE("an error names the column and what was expected", "[routing]") {
  CHECK(error_of("level == 'warn'") == "column 8: expected a value, found '='");
  CHECK(error_of("level = ")
        == "column 9: expected a value, found the end of the text");
  CHECK(error_of("(level = 'a'")
        == "column 13: expected an operator or ')' for the '(' of column 1, "
           "found the end of the text");
  CHECK(error_of("level = 'a")
        == "column 9: expected a value, found a string "
           "without its closing quote: ''a'");
  CHECK(error_of("from = 'a'")
        == "column 1: expected a value, found the reserved word 'from'");
  CHECK(error_of("{level} = 'a'")
        == "column 2: expected a system name such as '$messageId', found the "
           "name 'level'");
  CHECK(error_of("{$level = 'a'") == "column 9: expected '}', found '='");
  CHECK(error_of("list[0] = 'a'")
        == "column 1: expected a value, found a name with brackets (only a "
           "'$body.' path has them): 'list[0]'");
}

TEST_CASE("columns count characters, not bytes", "[routing]") {
  CHECK(error_of("'\xC3\xA9\xC3\xA9' = 3")
        == "column 6: '=' needs the same type on both sides, found a string "
           "and a number (properties are strings: use as_number)");
}

TEST_CASE("a type error says what to write instead", "[routing]") {
  CHECK(error_of("count = 12")
        == "column 7: '=' needs the same type on both sides, found a string "
           "and a number (properties are strings: use as_number)");
  CHECK(error_of("level = null")
        == "column 7: '=' needs the same type on both sides, found a string "
           "and null (use is_null)");
  CHECK(error_of("undefined = level")
        == "column 11: '=' needs the same type on both sides, found undefined "
           "and a string (use is_defined)");
  CHECK(error_of("NOT level = 'warn'")
        == "column 1: 'NOT' takes a bool, found a string; it binds tighter "
           "than comparisons, write NOT (a = b)");
  CHECK(error_of("level AND true")
        == "column 7: 'AND' takes bools, found a string");
  CHECK(error_of("count + 1 = 2")
        == "column 7: '+' takes numbers, found a string (properties are "
           "strings: use as_number)");
  CHECK(error_of("level || 3 = 'a'")
        == "column 7: '||' takes strings, found a number");
}

TEST_CASE("an unknown function is answered with the nearest one", "[routing]") {
  CHECK(error_of("starts_wiht(level, 'a')")
        == "column 1: there is no function 'starts_wiht' (did you mean "
           "'starts_with'?)");
  CHECK(error_of("Uper(level) = 'A'")
        == "column 1: there is no function 'Uper' (did you mean 'upper'?)");
  CHECK(error_of("completely_else(level)")
        == "column 1: there is no function 'completely_else'");
}

TEST_CASE("a call's arguments are checked", "[routing]") {
  CHECK(error_of("concat('x') = 'x'")
        == "column 1: 'concat' takes at least 2 arguments, found 1");
  CHECK(error_of("substring(level) = 'x'")
        == "column 1: 'substring' takes 2 to 3 arguments, found 1");
  CHECK(error_of("is_null()")
        == "column 1: 'is_null' takes 1 argument, found 0");
  CHECK(error_of("length(3) = 1")
        == "column 1: argument 1 of 'length' must be a string, found a "
           "number");
  CHECK(error_of("substring(level, count) = 'x'")
        == "column 1: argument 2 of 'substring' must be a number, found a "
           "string (properties are strings: use as_number)");
  CHECK(error_of("as_number(true) = 1")
        == "column 1: argument 1 of 'as_number' must be a number or a string, "
           "found a bool");
  CHECK(error_of("length(level,) = 1")
        == "column 14: expected a value, found ')'");
}

TEST_CASE("a bad body path is located inside the path", "[routing]") {
  CHECK(error_of("$body.a[] = 1")
        == "column 9: a body path's index must be a decimal number");
  CHECK(error_of("$body.a..b = 1")
        == "column 9: a body path needs a name here");
  CHECK(error_of("$body. = 1") == "column 7: a body path needs a name here");
  CHECK(error_of("$body.a[0][1] = 1")
        == "column 9: a body path's index must be a decimal number");
  CHECK(error_of("$body.a[0]b = 1")
        == "column 8: a body path's index is written '[number]' and ends its "
           "step");
  CHECK(error_of("$body.a[99999999999] = 1")
        == "column 9: a body path's index must be a decimal number");
}

TEST_CASE("a number without a value is refused", "[routing]") {
  CHECK(error_of("e5 = 1")
        == "column 1: 'e5' is read as a number but has no value; a property "
           "of this name cannot be used here");
  CHECK_FALSE(error_of("0xFFFFFFFFFFFFFFFFF = 1").empty());
  CHECK(error_of("0xFFFFFFFFFFFFFFFF = 1").empty());
}

TEST_CASE("nesting is bounded", "[routing]") {
  const auto parentheses = [](std::size_t n) {
    return repeated("(", n) + "true" + repeated(")", n);
  };
  CHECK(error_of(parentheses(max_depth - 1)).empty());
  CHECK(error_of(parentheses(max_depth))
        == "column 101: nested more than 100 levels deep");
  CHECK_FALSE(error_of(parentheses(10'000)).empty());
  CHECK_FALSE(error_of(repeated("NOT ", 8'000) + "true").empty());
  CHECK_FALSE(error_of(repeated("- ", 8'000) + "1 = 1").empty());
  CHECK_FALSE(error_of(repeated("abs(", 5'000)).empty());
  CHECK_FALSE(error_of("1" + repeated(" + 1", 200) + " = 201").empty());
}

TEST_CASE("long runs of AND, OR and concat are no nesting", "[routing]") {
  CHECK(error_of("a = '1'" + repeated(" OR a = '2'", 1'000)).empty());
  CHECK(error_of("a = '1'" + repeated(" AND a = '2'", 1'000)).empty());
  CHECK(error_of("'a'" + repeated(" || 'b'", 2'000) + " = 'c'").empty());
}

TEST_CASE("tokens and text are bounded", "[routing]") {
  CHECK(error_of("a" + repeated("=a", 5'000)).find("nested")
        != std::string::npos);
  CHECK(error_of(repeated("(a)=", max_tokens / 4) + "a").find("nested")
        != std::string::npos);
  CHECK(error_of("true" + repeated(" OR (true)", 2'100)).find("too many parts")
        != std::string::npos);
  CHECK(error_of(std::string(max_text_size + 1, 'a'))
        == "the condition is longer than 32768 bytes");
  CHECK(error_of(std::string(max_text_size, 'a')).empty());
}

TEST_CASE("what is legal but looks wrong is warned about", "[routing]") {
  const auto warning_of = [](std::string_view text) {
    const auto found = compile_condition(text);
    REQUIRE(found);
    REQUIRE(found->warnings().size() == 1);
    return to_string(found->warnings().front());
  };
  CHECK(warning_of("is_null(NULL)")
        == "column 9: 'NULL' is read as a property name; the literal is "
           "written in lower case");
  CHECK(warning_of("level = 'warn' extra")
        == "column 16: the text from here on is ignored");
  CHECK(warning_of("level || 'x'")
        == "column 7: the condition is a string, not a bool, and thus never "
           "true");
}
