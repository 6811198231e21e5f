#include "messages/routing/operator_rules.hpp"

#include "messages/routing/diagnostic.hpp"
#include "messages/routing/logical_run.hpp"

#include <optional>

namespace tidegate::routing {

namespace {

using enum value_type;

std::string_view symbol(operation op) {
  switch (op) {
  case operation::negate:
  case operation::subtract:
    return "-";
  case operation::logical_not:
    return "NOT";
  case operation::multiply:
    return "*";
  case operation::divide:
    return "/";
  case operation::modulo:
    return "%";
  case operation::add:
    return "+";
  case operation::concat:
    return "||";
  case operation::less:
    return "<";
  case operation::less_equal:
    return "<=";
  case operation::greater:
    return ">";
  case operation::greater_equal:
    return ">=";
  case operation::equal:
    return "=";
  case operation::not_equal:
    return "!=";
  case operation::logical_and:
    return "AND";
  case operation::logical_or:
    return "OR";
  case operation::coalesce:
    return "??";
  }
  return {};
}

type_error wrong_operand(operation op, std::string_view wanted,
                         value_type found, value_type wanted_type) {
  return {quote(symbol(op)) + " takes " + std::string{wanted} + ", found "
          + std::string{describe(found)} + conversion_hint(found, wanted_type)};
}

/// The dynamic twin of an arithmetic operator, and its number form.
struct arithmetic {
  opcode numbers;
  opcode dynamics;
};

arithmetic arithmetic_codes(operation op) {
  switch (op) {
  case operation::multiply:
    return {opcode::multiply, opcode::multiply_dynamic};
  case operation::divide:
    return {opcode::divide, opcode::divide_dynamic};
  case operation::modulo:
    return {opcode::modulo, opcode::modulo_dynamic};
  case operation::subtract:
    return {opcode::subtract, opcode::subtract_dynamic};
  default:
    return {opcode::add, opcode::add_dynamic};
  }
}

typed calculate(code_builder& code, operation op, const operand& left,
                const operand& right) {
  for (const auto* side : {&left, &right})
    if (side->type != number && side->type != dynamic)
      return wrong_operand(op, "numbers", side->type, number);
  const auto codes = arithmetic_codes(op);
  if (left.type == number && right.type == number)
    return code.apply(number, codes.numbers, left, right);
  return code.apply(dynamic, codes.dynamics, code.as_dynamic(left),
                    code.as_dynamic(right));
}

typed concatenate(code_builder& code, std::span<const operand> operands) {
  for (const auto& part : operands)
    if (part.type != string && part.type != dynamic)
      return wrong_operand(operation::concat, "strings", part.type, string);
  return code.join_text(operands);
}

bool is_comparable(value_type left, value_type right) {
  return left == right || (left == dynamic && right != undefined)
         || (right == dynamic && left != undefined);
}

std::optional<type_error> check_comparable(operation op, const operand& left,
                                           const operand& right) {
  if (is_comparable(left.type, right.type))
    return std::nullopt;
  const auto hint = conversion_hint(left.type, right.type);
  return type_error{
    quote(symbol(op)) + " needs the same type on both sides, found "
    + std::string{describe(left.type)} + " and "
    + std::string{describe(right.type)}
    + (hint.empty() ? conversion_hint(right.type, left.type) : hint)};
}

relation relation_of(operation op) {
  switch (op) {
  case operation::less:
    return relation::less;
  case operation::less_equal:
    return relation::less_equal;
  case operation::greater:
    return relation::greater;
  case operation::greater_equal:
    return relation::greater_equal;
  case operation::not_equal:
    return relation::not_equal;
  default:
    return relation::equal;
  }
}

/// Null is equal to null.
truth compare_nulls(relation how) {
  return to_truth(how == relation::equal || how == relation::less_equal
                  || how == relation::greater_equal);
}

typed compare(code_builder& code, operation op, operand left, operand right) {
  if (auto error = check_comparable(op, left, right))
    return *error;
  const auto how = relation_of(op);
  auto op_code = opcode::compare_dynamic;
  if (left.type == dynamic || right.type == dynamic) {
    left = code.as_dynamic(left);
    right = code.as_dynamic(right);
  } else if (left.type == null) {
    return code.constant(compare_nulls(how));
  } else if (left.type == undefined) {
    return code.constant(truth::undefined);
  } else {
    op_code = left.type == boolean  ? opcode::compare_truth
              : left.type == number ? opcode::compare_numbers
                                    : opcode::compare_strings;
  }
  return code.emit(boolean,
                   {.op = op_code, .compare = how, .a = left.at, .b = right.at},
                   left.depends | right.depends);
}

typed coalesce(code_builder& code, const operand& left, const operand& right) {
  if (auto error = check_comparable(operation::coalesce, left, right))
    return *error;
  switch (left.type) {
  case boolean:
    return code.apply(boolean, opcode::coalesce_truth, left,
                      code.as_truth(right));
  case number:
    return code.apply(number, opcode::coalesce_number, left,
                      code.as_number(right));
  case string:
    return code.apply(string, opcode::coalesce_string, left,
                      code.as_string(right));
  case dynamic:
    return code.apply(dynamic, opcode::coalesce_dynamic, left,
                      code.as_dynamic(right));
  default: // null is defined; both undefined stays undefined
    return left;
  }
}

typed negate(code_builder& code, const operand& from) {
  if (from.type == number)
    return code.apply(number, opcode::negate, from);
  if (from.type == dynamic)
    return code.apply(dynamic, opcode::negate_dynamic, from);
  return wrong_operand(operation::negate, "a number", from.type, number);
}

typed logical_not(code_builder& code, const operand& from) {
  switch (from.type) {
  case boolean:
    return code.apply(boolean, opcode::logical_not, from);
  case null:
    return code.constant(truth::yes);
  case dynamic:
    return code.apply(boolean, opcode::not_dynamic, from);
  default: {
    auto error
      = wrong_operand(operation::logical_not, "a bool", from.type, boolean);
    error.text += "; it binds tighter than comparisons, write NOT (a = b)";
    return error;
  }
  }
}

typed join_logically(code_builder& code, operation op,
                     std::span<const operand> operands) {
  logical_run run{code, op == operation::logical_and};
  for (const auto& next : operands)
    if (const auto misfit = run.add(next))
      return wrong_operand(op, "bools", *misfit, boolean);
  return run.result();
}

} // namespace

std::string conversion_hint(value_type given, value_type wanted) {
  if (given == string && wanted == number)
    return " (properties are strings: use as_number)";
  if (wanted == null)
    return " (use is_null)";
  if (wanted == undefined)
    return " (use is_defined)";
  return {};
}

typed apply_operator(code_builder& code, operation op,
                     std::span<const operand> operands) {
  switch (op) {
  case operation::negate:
    return negate(code, operands[0]);
  case operation::logical_not:
    return logical_not(code, operands[0]);
  case operation::multiply:
  case operation::divide:
  case operation::modulo:
  case operation::add:
  case operation::subtract:
    return calculate(code, op, operands[0], operands[1]);
  case operation::concat:
    return concatenate(code, operands);
  case operation::logical_and:
  case operation::logical_or:
    return join_logically(code, op, operands);
  case operation::coalesce:
    return coalesce(code, operands[0], operands[1]);
  default:
    return compare(code, op, operands[0], operands[1]);
  }
}

} // namespace tidegate::routing
