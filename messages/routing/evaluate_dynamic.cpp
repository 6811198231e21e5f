#include "messages/routing/evaluator.hpp"

#include <cmath>

namespace tidegate::routing {

namespace {

using kind = body_value::kind;

body_value as_body(truth value) {
  if (value == truth::undefined)
    return {};
  return {.is = kind::boolean, .boolean = value == truth::yes, .string = {}};
}

body_value as_body(double value) {
  if (std::isnan(value))
    return {};
  return {.is = kind::number, .number = value, .string = {}};
}

body_value as_body(const text_value& value) {
  switch (value.is) {
  case text_value::state::present:
    return {.is = kind::string, .string = value.view};
  case text_value::state::null:
    return {.is = kind::null, .string = {}};
  default:
    return {};
  }
}

/// A string beside a dynamic value: a null one compares as undefined.
body_value as_operand(const text_value& value) {
  return value.present() ? as_body(value) : body_value{};
}

} // namespace

body_value evaluator::calculate(const instruction& code) {
  const auto left = as_number(dynamic(code.a));
  if (code.op == opcode::negate_dynamic)
    return as_body(-left);
  const auto right = as_number(dynamic(code.b));
  switch (code.op) {
  case opcode::add_dynamic:
    return as_body(left + right);
  case opcode::subtract_dynamic:
    return as_body(left - right);
  case opcode::multiply_dynamic:
    return as_body(left * right);
  case opcode::divide_dynamic:
    return as_body(left / right);
  default:
    return as_body(std::fmod(left, right));
  }
}

body_value evaluator::dynamic(std::uint32_t at) {
  const auto& code = code_.code[at];
  switch (code.op) {
  case opcode::body:
    return message_.body(code_.queries[code.a]);
  case opcode::body_or_property: {
    const auto literal = message_.user_property(constant(code.b));
    if (literal.is != text_value::state::undefined)
      return as_body(literal);
    return message_.body(code_.queries[code.a]);
  }
  case opcode::dynamic_undefined:
    return {};
  case opcode::dynamic_null:
    return {.is = kind::null, .string = {}};
  case opcode::truth_as_dynamic:
    return as_body(boolean(code.a));
  case opcode::number_as_dynamic:
    return as_body(number(code.a));
  case opcode::string_as_dynamic:
    return as_operand(text(code.a));
  case opcode::coalesce_dynamic: {
    const auto value = dynamic(code.a);
    return value.is == kind::undefined ? dynamic(code.b) : value;
  }
  default:
    return calculate(code);
  }
}

} // namespace tidegate::routing
