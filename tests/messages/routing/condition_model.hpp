#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

// Random conditions together with the value that they must have, found
// without the code under test. The message is always `model_head`.
namespace tidegate::routing::model {

/// Kleene's truth values in their order: AND is the minimum, OR the maximum.
enum kleene { no = 0, unknown = 1, yes = 2 };

/// An expression as text, with how tightly its outermost operator binds.
struct expression {
  std::string text;
  int binding = 0;
};

inline constexpr int tightest = 10;

struct bool_expression : expression {
  kleene value = unknown;
};

struct text_expression : expression {
  bool defined = false;
  std::optional<std::string> value; ///< nothing: null, if defined
};

struct number_expression : expression {
  std::optional<double> value;
};

/// User properties of the message; `empty` has no value.
inline constexpr std::array properties{"a=x", "b=y", "c=xy", "n=12", "empty"};

/// `text` with parentheses where its context needs them, and at random.
inline std::string inside(const expression& inner, int context) {
  if (inner.binding > context && *rc::gen::inRange(0, 4) > 0)
    return inner.text;
  return "(" + inner.text + ")";
}

/// A blank, or something that counts as one.
inline std::string blank() {
  return *rc::gen::element<std::string>(" ", "  ", "\n", "\t", " /* c */ ");
}

inline std::string any_case(std::string word) {
  for (auto& c : word)
    if (*rc::gen::arbitrary<bool>())
      c = static_cast<char>(c ^ 0x20);
  return word;
}

inline bool_expression any_bool(int depth);

inline text_expression any_text(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 5 : 3)) {
  case 0: {
    const auto value = *rc::gen::element<std::string>("", "x", "y", "xy", "12");
    return {{"'" + value + "'", tightest}, true, value};
  }
  case 1: {
    const std::string entry = *rc::gen::elementOf(properties);
    const auto equals = entry.find('=');
    const auto name = any_case(entry.substr(0, equals));
    if (equals == std::string::npos)
      return {{name, tightest}, true, std::nullopt};
    return {{name, tightest}, true, entry.substr(equals + 1)};
  }
  case 2:
    return {{"missing", tightest}, false, std::nullopt};
  case 3: {
    const auto left = any_text(depth - 1);
    const auto right = any_text(depth - 1);
    text_expression result{
      {inside(left, 5) + blank() + "||" + blank() + inside(right, 6), 6},
      left.defined && right.defined,
      std::nullopt};
    if (result.defined)
      result.value = left.value.value_or("") + right.value.value_or("");
    return result;
  }
  default: {
    const auto first = any_text(depth - 1);
    const auto second = any_text(depth - 1);
    const auto& chosen = first.defined ? first : second;
    return {{inside(first, 0) + "??" + inside(second, 1), 1},
            chosen.defined,
            chosen.value};
  }
  }
}

inline number_expression any_number(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 4 : 1)) {
  case 0: {
    const auto value = *rc::gen::inRange(-3, 13);
    return {{std::to_string(value), tightest}, value};
  }
  case 1: {
    const auto left = any_number(depth - 1);
    const auto right = any_number(depth - 1);
    number_expression result{
      {inside(left, 5) + blank() + "-" + blank() + inside(right, 6), 6}, {}};
    if (left.value && right.value)
      result.value = *left.value - *right.value;
    return result;
  }
  case 2: {
    const auto text = any_text(depth - 1);
    number_expression result{
      {any_case("as") + "_number(" + text.text + ")", tightest}, {}};
    if (text.value == "12")
      result.value = 12;
    return result;
  }
  default: {
    const auto text = any_text(depth - 1);
    number_expression result{{"length(" + text.text + ")", tightest}, {}};
    if (text.value)
      result.value = static_cast<double>(text.value->size());
    return result;
  }
  }
}

template <class Value>
bool_expression
compared(const expression& left, const std::optional<Value>& left_value,
         const expression& right, const std::optional<Value>& right_value) {
  const auto op
    = *rc::gen::element<std::string>("=", "!=", "<>", "<", "<=", ">", ">=");
  const int binding = op == "=" || op == "!=" || op == "<>" ? 4 : 5;
  bool_expression result{{inside(left, binding - 1) + blank() + op + blank()
                            + inside(right, binding),
                          binding},
                         unknown};
  if (!left_value || !right_value)
    return result;
  const auto& l = *left_value;
  const auto& r = *right_value;
  const bool holds = op == "="    ? l == r
                     : op == "<"  ? l < r
                     : op == "<=" ? l <= r
                     : op == ">"  ? l > r
                     : op == ">=" ? l >= r
                                  : l != r;
  result.value = holds ? yes : no;
  return result;
}

inline bool_expression joined(int depth) {
  const bool is_and = *rc::gen::arbitrary<bool>();
  const int binding = is_and ? 3 : 2;
  bool_expression result{{"", binding}, is_and ? yes : no};
  for (auto n = *rc::gen::inRange(2, 5); n > 0; --n) {
    const auto part = any_bool(depth - 1);
    if (!result.text.empty())
      result.text += blank() + any_case(is_and ? "and" : "or") + blank();
    result.text += inside(part, result.text.empty() ? binding - 1 : binding);
    result.value = is_and ? std::min(result.value, part.value)
                          : std::max(result.value, part.value);
  }
  return result;
}

inline bool_expression any_bool(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 9 : 3)) {
  case 0:
    return {{"true", tightest}, yes};
  case 1:
    return {{"false", tightest}, no};
  case 2:
    return {{"missing = 'x'", 4}, unknown};
  case 3: {
    const auto inner = any_bool(depth - 1);
    return {{any_case("not") + blank() + inside(inner, 7), 8},
            static_cast<kleene>(yes - inner.value)};
  }
  case 4: {
    const auto inner = any_text(depth - 1);
    return {{"is_defined(" + inner.text + ")", tightest},
            inner.defined ? yes : no};
  }
  case 5: {
    const auto left = any_text(depth - 1);
    const auto right = any_text(depth - 1);
    return compared(left, left.value, right, right.value);
  }
  case 6: {
    const auto left = any_number(depth - 1);
    const auto right = any_number(depth - 1);
    return compared(left, left.value, right, right.value);
  }
  default:
    return joined(depth);
  }
}

} // namespace tidegate::routing::model
