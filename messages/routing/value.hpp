#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace tidegate::routing {

/// The static type of an expression (edge-hub spec 4.5).
enum class value_type : std::uint8_t {
  undefined,
  null,
  boolean,
  number,
  string,
  dynamic, ///< from a message body: known only at run time
};

/// `a bool`, `a string`, ... for error sentences.
constexpr std::string_view describe(value_type type) {
  switch (type) {
  case value_type::undefined:
    return "undefined";
  case value_type::null:
    return "null";
  case value_type::boolean:
    return "a bool";
  case value_type::number:
    return "a number";
  case value_type::string:
    return "a string";
  case value_type::dynamic:
    return "a body value";
  }
  return {};
}

/// The value of a bool expression. A message is routed on `yes` only.
enum class truth : std::uint8_t { no, yes, undefined };

constexpr truth to_truth(bool value) { return value ? truth::yes : truth::no; }

constexpr truth operator!(truth value) {
  if (value == truth::undefined)
    return value;
  return to_truth(value == truth::no);
}

/// The value of a string expression. `null` is a property that is present
/// without a value. Views belong to the message, the condition or the scratch.
struct text_value {
  enum class state : std::uint8_t { undefined, null, present };

  state is = state::undefined;
  std::string_view view;

  constexpr bool present() const { return is == state::present; }
};

constexpr text_value present_text(std::string_view view) {
  return {text_value::state::present, view};
}

/// The value of a dynamic expression. The order of the kinds is the order in
/// which values of different kinds compare (edge-hub spec 4.7).
struct body_value {
  enum class kind : std::uint8_t { undefined, boolean, number, string, null };

  kind is = kind::undefined;
  bool boolean = false;
  double number = 0;
  std::string_view string;
};

/// An undefined number.
inline constexpr double undefined_number
  = std::numeric_limits<double>::quiet_NaN();

// A body value where a typed one is wanted: undefined when it is of another
// kind.

constexpr truth as_truth(const body_value& value) {
  return value.is == body_value::kind::boolean ? to_truth(value.boolean)
                                               : truth::undefined;
}

constexpr double as_number(const body_value& value) {
  return value.is == body_value::kind::number ? value.number : undefined_number;
}

constexpr text_value as_text(const body_value& value) {
  return value.is == body_value::kind::string ? present_text(value.string)
                                              : text_value{};
}

} // namespace tidegate::routing
