#include "messages/routing/function_rules.hpp"

#include "messages/routing/diagnostic.hpp"
#include "messages/routing/function.hpp"
#include "messages/routing/suggestion.hpp"

#include <optional>
#include <vector>

namespace tidegate::routing {

namespace {

using enum value_type;
using arguments_view = std::span<const operand>;

type_error unknown_function(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& entry : signatures())
    if (entry.id != function::twin_change_includes)
      names.push_back(entry.name);
  return {"there is no function " + quote(name) + did_you_mean(name, names)};
}

std::string count(const signature& called) {
  if (called.most_arguments == any_number_of_arguments)
    return "at least " + std::to_string(called.least_arguments) + " arguments";
  if (called.least_arguments != called.most_arguments)
    return std::to_string(called.least_arguments) + " to "
           + std::to_string(called.most_arguments) + " arguments";
  return std::to_string(called.least_arguments)
         + (called.least_arguments == 1 ? " argument" : " arguments");
}

bool accepts(parameter wanted, value_type given) {
  switch (wanted) {
  case parameter::number:
    return given == number || given == dynamic;
  case parameter::string:
    return given == string || given == dynamic;
  case parameter::number_or_string:
    return given == number || given == string || given == dynamic;
  case parameter::any:
    break;
  }
  return true;
}

std::optional<type_error> check(const signature& called, arguments_view given) {
  const auto name = quote(called.name);
  if (given.size() < called.least_arguments
      || given.size() > called.most_arguments)
    return type_error{name + " takes " + count(called) + ", found "
                      + std::to_string(given.size())};
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto wanted = i == 0 ? called.first : called.rest;
    if (accepts(wanted, given[i].type))
      continue;
    const auto type = wanted == parameter::number ? number : string;
    return type_error{
      "argument " + std::to_string(i + 1) + " of " + name + " must be "
      + (wanted == parameter::number_or_string ? "a number or a string"
                                               : std::string{describe(type)})
      + ", found " + std::string{describe(given[i].type)}
      + conversion_hint(given[i].type, type)};
  }
  return std::nullopt;
}

operand number_function(code_builder& code, opcode op, arguments_view given) {
  if (given.size() == 1)
    return code.apply(number, op, code.as_number(given[0]));
  return code.apply(number, op, code.as_number(given[0]),
                    code.as_number(given[1]));
}

operand string_function(code_builder& code, value_type result, opcode op,
                        arguments_view given) {
  if (given.size() == 1)
    return code.apply(result, op, code.as_string(given[0]));
  return code.apply(result, op, code.as_string(given[0]),
                    code.as_string(given[1]));
}

operand as_number(code_builder& code, const operand& given) {
  switch (given.type) {
  case string:
    return code.apply(number, opcode::string_as_number, given);
  case dynamic:
    return code.apply(number, opcode::dynamic_parsed, given);
  default:
    return given;
  }
}

operand substring(code_builder& code, arguments_view given) {
  const auto text = code.as_string(given[0]);
  const auto start = code.as_number(given[1]);
  if (given.size() == 2)
    return code.apply(string, opcode::substring, text, start);
  return code.apply(string, opcode::substring_counted, text, start,
                    code.as_number(given[2]));
}

/// Which instruction answers an `is_...` question about a value of each type.
/// Without one the answer is `otherwise`.
struct question {
  std::optional<opcode> of_bool, of_number, of_string, of_dynamic;
};

operand ask(code_builder& code, const question& about, const operand& given,
            bool otherwise) {
  std::optional<opcode> op;
  switch (given.type) {
  case boolean:
    op = about.of_bool;
    break;
  case number:
    op = about.of_number;
    break;
  case string:
    op = about.of_string;
    break;
  case dynamic:
    op = about.of_dynamic;
    break;
  default:
    break;
  }
  if (!op)
    return code.constant(to_truth(otherwise));
  return code.apply(boolean, *op, given);
}

operand ask_kind(code_builder& code, function id, const operand& given) {
  const bool is_null = given.type == null;
  switch (id) {
  case function::is_defined:
    return ask(code,
               {opcode::truth_is_defined, opcode::number_is_defined,
                opcode::string_is_defined, opcode::dynamic_is_defined},
               given, is_null);
  case function::is_null:
    return ask(code,
               {.of_bool = {},
                .of_number = {},
                .of_string = opcode::string_is_null,
                .of_dynamic = opcode::dynamic_is_null},
               given, is_null);
  case function::is_bool:
    return ask(code,
               {.of_bool = opcode::truth_is_bool,
                .of_number = {},
                .of_string = {},
                .of_dynamic = opcode::dynamic_is_bool},
               given, false);
  case function::is_number:
    return ask(code,
               {.of_bool = {},
                .of_number = opcode::number_is_finite,
                .of_string = {},
                .of_dynamic = opcode::dynamic_is_number},
               given, false);
  default:
    return ask(code,
               {.of_bool = {},
                .of_number = {},
                .of_string = opcode::string_is_string,
                .of_dynamic = opcode::dynamic_is_string},
               given, false);
  }
}

} // namespace

typed apply_function(code_builder& code, std::string_view name,
                     arguments_view arguments) {
  const auto* called = find_function(name);
  if (!called)
    return unknown_function(name);
  if (auto error = check(*called, arguments))
    return *error;
  switch (called->id) {
  case function::abs:
    return number_function(code, opcode::absolute, arguments);
  case function::exp:
    return number_function(code, opcode::exponential, arguments);
  case function::ceiling:
    return number_function(code, opcode::ceiling, arguments);
  case function::floor:
    return number_function(code, opcode::floor, arguments);
  case function::sqrt:
    return number_function(code, opcode::square_root, arguments);
  case function::square:
    return number_function(code, opcode::square, arguments);
  case function::sign:
    return number_function(code, opcode::sign, arguments);
  case function::power:
    return number_function(code, opcode::power, arguments);
  case function::as_number:
    return as_number(code, arguments[0]);
  case function::length:
    return string_function(code, number, opcode::length, arguments);
  case function::lower:
    return string_function(code, string, opcode::lower, arguments);
  case function::upper:
    return string_function(code, string, opcode::upper, arguments);
  case function::concat:
    return code.join_text(arguments);
  case function::substring:
    return substring(code, arguments);
  case function::index_of:
    return string_function(code, number, opcode::index_of, arguments);
  case function::starts_with:
    return string_function(code, boolean, opcode::starts_with, arguments);
  case function::ends_with:
    return string_function(code, boolean, opcode::ends_with, arguments);
  case function::contains:
    return string_function(code, boolean, opcode::contains, arguments);
  case function::twin_change_includes:
    return type_error{"'twin_change_includes' cannot be used: no source of an "
                      "edge hub can be checked for it"};
  default:
    return ask_kind(code, called->id, arguments[0]);
  }
}

} // namespace tidegate::routing
