#include "messages/routing/condition.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace tidegate::routing;

namespace {

bool compiles(const std::string& text) {
  return static_cast<bool>(compile_condition(text));
}

/// An expression of each static type.
const std::string number = "3";
const std::string string = "name";
const std::string boolean = "(1 = 1)";
const std::string null = "null";
const std::string undefined = "undefined";
const std::string dynamic = "$body.x";

const std::vector<std::string> all{number, string,    boolean,
                                   null,   undefined, dynamic};

bool is_in(const std::string& one, std::initializer_list<std::string> many) {
  return std::find(many.begin(), many.end(), one) != many.end();
}

} // namespace

TEST_CASE("arithmetic takes numbers and body values", "[routing]") {
  for (const auto* op : {"+", "-", "*", "/", "%"})
    for (const auto& left : all)
      for (const auto& right : all) {
        const auto text = "is_defined(" + left + " " + op + " " + right + ")";
        INFO(text);
        CHECK(compiles(text)
              == (is_in(left, {number, dynamic})
                  && is_in(right, {number, dynamic})));
      }
}

TEST_CASE("concat takes strings and body values", "[routing]") {
  for (const auto& left : all)
    for (const auto& right : all) {
      const auto text = "is_defined(" + left + " || " + right + ")";
      INFO(text);
      CHECK(
        compiles(text)
        == (is_in(left, {string, dynamic}) && is_in(right, {string, dynamic})));
    }
}

TEST_CASE("comparisons and ?? take equal types, body values nearly all",
          "[routing]") {
  for (const auto* op : {"=", "!=", "<>", "<", "<=", ">", ">=", "??"})
    for (const auto& left : all)
      for (const auto& right : all) {
        const auto text = "is_defined(" + left + " " + op + " " + right + ")";
        INFO(text);
        CHECK(compiles(text)
              == (left == right || (left == dynamic && right != undefined)
                  || (right == dynamic && left != undefined)));
      }
}

TEST_CASE("AND and OR take bools, null, undefined and body values",
          "[routing]") {
  for (const auto* op : {"AND", "OR"})
    for (const auto& left : all)
      for (const auto& right : all) {
        const auto text = left + " " + op + " " + right;
        INFO(text);
        CHECK(compiles(text)
              == (left == dynamic
                  || (is_in(left, {boolean, null, undefined})
                      && is_in(right, {boolean, null, undefined, dynamic}))));
      }
}

TEST_CASE("prefix operators take what they say", "[routing]") {
  for (const auto& operand : all) {
    INFO(operand);
    CHECK(compiles("NOT " + operand)
          == is_in(operand, {boolean, null, dynamic}));
    CHECK(compiles("is_defined(- " + operand + ")")
          == is_in(operand, {number, dynamic}));
  }
}

TEST_CASE("the type of ?? is that of its left side", "[routing]") {
  CHECK(compiles("(name ?? $body.x) = 'a'"));
  CHECK_FALSE(compiles("(name ?? $body.x) = 3"));
  CHECK(compiles("($body.x ?? name) = 3"));
}

TEST_CASE("functions of one type refuse the others", "[routing]") {
  for (const auto* name :
       {"abs", "exp", "ceiling", "floor", "sqrt", "square", "sign"})
    for (const auto& operand : all) {
      const auto text = std::string{name} + "(" + operand + ") = 1";
      INFO(text);
      CHECK(compiles(text) == is_in(operand, {number, dynamic}));
    }
  for (const auto* name : {"length", "lower", "upper"})
    for (const auto& operand : all) {
      const auto text
        = "is_defined(" + std::string{name} + "(" + operand + "))";
      INFO(text);
      CHECK(compiles(text) == is_in(operand, {string, dynamic}));
    }
  for (const auto* name :
       {"is_defined", "is_null", "is_bool", "is_number", "is_string"})
    for (const auto& operand : all)
      CHECK(compiles(std::string{name} + "(" + operand + ")"));
}

TEST_CASE("a condition knows what it depends on", "[routing]") {
  const auto needs = [](std::string_view text) {
    const auto found = compile_condition(text);
    REQUIRE(found);
    return std::pair{found->needs_body(), found->per_message()};
  };
  CHECK(needs("level = 'a' AND $role = 'b'") == std::pair{false, false});
  CHECK(needs("level = 'a' AND $body.x = 1") == std::pair{true, true});
  CHECK(needs("{$edgeMessageId} > '8'") == std::pair{false, true});
  CHECK(needs("$edgeHubOriginInterface = 'internal'")
        == std::pair{false, false});
}

TEST_CASE("a condition that looks at no message is settled at once",
          "[routing]") {
  CHECK(compile_condition("true")->constant() == truth::yes);
  CHECK(compile_condition("length('abc') = 3")->constant() == truth::yes);
  CHECK(compile_condition("null")->constant() == truth::no);
  CHECK(compile_condition("")->constant() == truth::undefined);
  CHECK_FALSE(compile_condition("level = 'a'")->constant());
}
