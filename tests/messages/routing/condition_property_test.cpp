#include "condition_model.hpp"
#include "fixture.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::routing;

namespace {

fixture model_message() {
  fixture message;
  for (const std::string entry : model::properties) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos)
      message.head.user.push_back({entry, std::nullopt});
    else
      message.head.user.push_back(
        {entry.substr(0, equals), entry.substr(equals + 1)});
  }
  message.head.system
    = {{"contentType", "application/json"}, {"contentEncoding", "utf-8"}};
  message.payload = R"({"t":true,"f":false,"n":null,"o":{}})";
  return message;
}

std::string to_string(model::kleene value) {
  return value == model::yes  ? "true"
         : value == model::no ? "false"
                              : "undefined";
}

/// A condition of any value, body values among them.
std::string any_condition() {
  if (*rc::gen::inRange(0, 3) > 0)
    return "(" + model::any_bool(2).text + ")";
  return *rc::gen::element<std::string>("($body.t = true)", "($body.f = true)",
                                        "($body.o = null)", "is_null($body.n)",
                                        "($body.gone = null)");
}

} // namespace

TEST_CASE("random conditions have the value that a model gives them",
          "[routing]") {
  const auto message = model_message();
  CHECK(rc::check([&] {
    const auto expected = model::any_bool(4);
    RC_LOG(expected.text);
    RC_ASSERT(result_of(expected.text, message) == to_string(expected.value));
  }));
}

TEST_CASE("three-valued logic keeps its laws", "[routing]") {
  const auto message = model_message();
  const auto same = [&](const std::string& left, const std::string& right) {
    RC_LOG(left + "   |   " + right);
    RC_ASSERT(result_of(left, message) == result_of(right, message));
  };
  CHECK(rc::check([&] {
    const auto a = any_condition();
    const auto b = any_condition();
    const auto c = any_condition();
    same(a + " AND " + b, b + " AND " + a);
    same(a + " OR " + b, b + " OR " + a);
    same("(" + a + " AND " + b + ") AND " + c,
         a + " AND (" + b + " AND " + c + ")");
    same("(" + a + " OR " + b + ") OR " + c,
         a + " OR (" + b + " OR " + c + ")");
    same(a + " AND (" + b + " OR " + c + ")",
         "(" + a + " AND " + b + ") OR (" + a + " AND " + c + ")");
    same("NOT (" + a + " AND " + b + ")", "(NOT " + a + ") OR (NOT " + b + ")");
    same("NOT (" + a + " OR " + b + ")", "(NOT " + a + ") AND (NOT " + b + ")");
    same("NOT (NOT " + a + ")", a);
    same(a + " AND " + a, a);
    same(a + " OR (" + a + " AND " + b + ")", a);
  }));
}

TEST_CASE("any text compiles or is refused with a reason", "[routing]") {
  const auto message = model_message();
  const auto part = rc::gen::elementOf(std::vector<std::string>{
    "a",      "$b",   "$body.x", "{",    "}",    "(",    ")",   ",",
    "'x'",    "\"y",  "12",      "-",    "+",    "*",    "/",   "%",
    "||",     "??",   "=",       "!=",   "<",    ">=",   "and", "OR",
    "not",    "null", "true",    "e5",   "0x1F", "1.5",  "abs", "length",
    "concat", "/*",   "*/",      "[0]",  "\\",   "\xFF", "@",   "undefined",
    "-$body", "from", "is_null", "lower"});
  CHECK(rc::check([&] {
    std::string text;
    for (const auto& each : *rc::gen::container<std::vector<std::string>>(part))
      text += each + (*rc::gen::arbitrary<bool>() ? " " : "");
    const auto compiled = compile_condition(text);
    if (compiled)
      result_of(text, message);
    else
      RC_ASSERT(!compiled.error().text.empty());
  }));
}
