#include "messages/routing/evaluator.hpp"

#include "messages/routing/code_units.hpp"
#include "messages/routing/comparison.hpp"

#include <algorithm>
#include <cmath>

namespace tidegate::routing {

using kind = body_value::kind;

truth evaluator::all_of(const instruction& code) {
  auto result = truth::yes;
  for (const auto at : list(code)) {
    const auto value = boolean(at);
    if (value == truth::no)
      return value;
    if (value == truth::undefined)
      result = value;
  }
  return result;
}

truth evaluator::any_of(const instruction& code) {
  auto result = truth::no;
  for (const auto at : list(code)) {
    const auto value = boolean(at);
    if (value == truth::yes)
      return value;
    if (value == truth::undefined)
      result = value;
  }
  return result;
}

bool evaluator::holds(std::uint32_t at) {
  const auto& code = code_.code[at];
  if (code.op == opcode::all_of) {
    for (const auto each : list(code))
      if (!holds(each))
        return false;
    return true;
  }
  if (code.op == opcode::any_of) {
    for (const auto each : list(code))
      if (holds(each))
        return true;
    return false;
  }
  return boolean(at) == truth::yes;
}

truth evaluator::body_truth(std::uint32_t at) {
  const arena_scope scope{message_.room()};
  return as_truth(dynamic(at));
}

truth evaluator::compare_at(const instruction& code) {
  const arena_scope scope{message_.room()};
  if (code.op == opcode::compare_strings)
    return compare(code.compare, text(code.a), text(code.b));
  return compare(code.compare, dynamic(code.a), dynamic(code.b));
}

truth evaluator::search(const instruction& code) {
  const arena_scope scope{message_.room()};
  const auto whole = text(code.a);
  const auto part = text(code.b);
  if (!whole.present() || !part.present())
    return truth::undefined;
  switch (code.op) {
  case opcode::starts_with:
    return to_truth(whole.view.starts_with(part.view));
  case opcode::ends_with:
    return to_truth(whole.view.ends_with(part.view));
  default:
    return to_truth(find_text(whole.view, part.view) != std::string_view::npos);
  }
}

/// The `is_...` questions.
truth evaluator::ask(const instruction& code) {
  const arena_scope scope{message_.room()};
  switch (code.op) {
  case opcode::truth_is_defined:
    return to_truth(boolean(code.a) != truth::undefined);
  case opcode::number_is_defined:
    return to_truth(!std::isnan(number(code.a)));
  case opcode::string_is_defined:
    return to_truth(text(code.a).is != text_value::state::undefined);
  case opcode::dynamic_is_defined:
    return to_truth(dynamic(code.a).is != kind::undefined);
  case opcode::string_is_null:
    return to_truth(text(code.a).is == text_value::state::null);
  case opcode::dynamic_is_null: {
    const auto value = dynamic(code.a);
    if (value.is == kind::undefined)
      return truth::undefined;
    return to_truth(value.is == kind::null);
  }
  case opcode::truth_is_bool:
    return boolean(code.a) == truth::undefined ? truth::undefined : truth::yes;
  case opcode::dynamic_is_bool: {
    const auto value = dynamic(code.a);
    if (value.is == kind::undefined)
      return truth::undefined;
    return to_truth(value.is == kind::boolean);
  }
  case opcode::number_is_finite:
    return to_truth(std::isfinite(number(code.a)));
  case opcode::dynamic_is_number:
    return to_truth(std::isfinite(as_number(dynamic(code.a))));
  case opcode::string_is_string:
    return to_truth(text(code.a).present());
  default:
    return to_truth(dynamic(code.a).is == kind::string);
  }
}

truth evaluator::boolean(std::uint32_t at) {
  const auto& code = code_.code[at];
  switch (code.op) {
  case opcode::constant_truth:
    return static_cast<truth>(code.a);
  case opcode::logical_not:
    return !boolean(code.a);
  case opcode::all_of:
    return all_of(code);
  case opcode::any_of:
    return any_of(code);
  case opcode::both_dynamic:
  case opcode::either_dynamic: {
    const auto left = body_truth(code.a);
    const auto right = body_truth(code.b);
    if (left == truth::undefined || right == truth::undefined)
      return truth::undefined;
    return code.op == opcode::both_dynamic ? std::min(left, right)
                                           : std::max(left, right);
  }
  case opcode::not_dynamic:
    return !body_truth(code.a);
  case opcode::coalesce_truth: {
    const auto value = boolean(code.a);
    return value == truth::undefined ? boolean(code.b) : value;
  }
  case opcode::dynamic_as_truth:
    return body_truth(code.a);
  case opcode::compare_truth:
    return compare(code.compare, boolean(code.a), boolean(code.b));
  case opcode::compare_numbers:
    return compare(code.compare, number(code.a), number(code.b));
  case opcode::compare_strings:
  case opcode::compare_dynamic:
    return compare_at(code);
  case opcode::starts_with:
  case opcode::ends_with:
  case opcode::contains:
    return search(code);
  default:
    return ask(code);
  }
}

} // namespace tidegate::routing
