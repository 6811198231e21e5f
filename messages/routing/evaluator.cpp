#include "messages/routing/evaluator.hpp"

#include "messages/routing/code_units.hpp"
#include "messages/routing/comparison.hpp"
#include "messages/routing/letter_case.hpp"
#include "messages/routing/limits.hpp"
#include "messages/routing/number_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace tidegate::routing {

namespace {

using kind = body_value::kind;

/// Gives back, at the end of its life, the text made since its beginning.
class text_scope {
public:
  explicit text_scope(arena& room) : room_{room}, mark_{room.here()} {}
  text_scope(const text_scope&) = delete;
  text_scope& operator=(const text_scope&) = delete;
  ~text_scope() { room_.rewind(mark_); }

private:
  arena& room_;
  arena::mark mark_;
};

truth truth_of(const body_value& value) {
  return value.is == kind::boolean ? to_truth(value.boolean) : truth::undefined;
}

double number_of(const body_value& value) {
  return value.is == kind::number ? value.number : undefined_number;
}

text_value text_of(const body_value& value) {
  return value.is == kind::string ? present_text(value.string) : text_value{};
}

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

double sign_of(double value) {
  if (std::isnan(value))
    return value;
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

/// An argument that counts code units: a whole number from 0 on, fractions cut
/// off. Nothing when it is none.
std::optional<std::size_t> as_count(double value) {
  value = std::trunc(value);
  if (!(value >= 0) || value > static_cast<double>(max_scratch_size))
    return std::nullopt;
  return static_cast<std::size_t>(value);
}

} // namespace

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
  const text_scope scope{message_.room()};
  return truth_of(dynamic(at));
}

truth evaluator::compare_at(const instruction& code) {
  const text_scope scope{message_.room()};
  if (code.op == opcode::compare_strings)
    return compare(code.compare, text(code.a), text(code.b));
  return compare(code.compare, dynamic(code.a), dynamic(code.b));
}

truth evaluator::search(const instruction& code) {
  const text_scope scope{message_.room()};
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
    return to_truth(whole.view.find(part.view) != std::string_view::npos);
  }
}

/// The `is_...` questions.
truth evaluator::ask(const instruction& code) {
  const text_scope scope{message_.room()};
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
    return to_truth(std::isfinite(number_of(dynamic(code.a))));
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

/// Numbers that come from text.
double evaluator::measure(const instruction& code) {
  const text_scope scope{message_.room()};
  switch (code.op) {
  case opcode::string_as_number: {
    const auto value = text(code.a);
    return value.present() ? parse_number(value.view) : undefined_number;
  }
  case opcode::length: {
    const auto value = text(code.a);
    return value.present() ? static_cast<double>(count_code_units(value.view))
                           : undefined_number;
  }
  case opcode::index_of: {
    const auto whole = text(code.a);
    const auto part = text(code.b);
    if (!whole.present() || !part.present())
      return undefined_number;
    const auto found = whole.view.find(part.view);
    if (found == std::string_view::npos)
      return -1;
    return static_cast<double>(count_code_units(whole.view.substr(0, found)));
  }
  case opcode::dynamic_as_number:
    return number_of(dynamic(code.a));
  default: {
    const auto value = dynamic(code.a);
    return value.is == kind::string ? parse_number(value.string)
                                    : number_of(value);
  }
  }
}

double evaluator::number(std::uint32_t at) {
  const auto& code = code_.code[at];
  switch (code.op) {
  case opcode::constant_number:
    return code.number;
  case opcode::negate:
    return -number(code.a);
  case opcode::add:
    return number(code.a) + number(code.b);
  case opcode::subtract:
    return number(code.a) - number(code.b);
  case opcode::multiply:
    return number(code.a) * number(code.b);
  case opcode::divide:
    return number(code.a) / number(code.b);
  case opcode::modulo:
    return std::fmod(number(code.a), number(code.b));
  case opcode::absolute:
    return std::fabs(number(code.a));
  case opcode::exponential:
    return std::exp(number(code.a));
  case opcode::ceiling:
    return std::ceil(number(code.a));
  case opcode::floor:
    return std::floor(number(code.a));
  case opcode::square_root:
    return std::sqrt(number(code.a));
  case opcode::square: {
    const auto value = number(code.a);
    return value * value;
  }
  case opcode::sign:
    return sign_of(number(code.a));
  case opcode::power:
    return std::pow(number(code.a), number(code.b));
  case opcode::coalesce_number: {
    const auto value = number(code.a);
    return std::isnan(value) ? number(code.b) : value;
  }
  default:
    return measure(code);
  }
}

text_value evaluator::property(const instruction& code) {
  const auto literal = message_.user_property(constant(code.a));
  if (literal.is != text_value::state::undefined)
    return literal;
  switch (code.op) {
  case opcode::any_message_id:
    return message_.message_id();
  case opcode::any_origin:
    return message_.origin();
  default:
    return message_.system_property(constant(code.b));
  }
}

text_value evaluator::cased(const instruction& code) {
  const auto value = text(code.a);
  if (!value.present())
    return {};
  const auto to
    = code.op == opcode::lower ? letter_case::lower : letter_case::upper;
  const auto changed = change_case(value.view, to, message_.room());
  return changed ? present_text(*changed) : text_value{};
}

text_value evaluator::concat(const instruction& code) {
  std::array<std::string_view, most_concat_parts> parts;
  std::size_t count = 0;
  std::size_t size = 0;
  for (const auto part : list(code)) {
    const auto value = text(part);
    if (value.is == text_value::state::undefined)
      return {};
    parts[count++] = value.view;
    size += value.view.size();
  }
  char* const begin = message_.room().take(size);
  if (!begin)
    return {};
  char* end = begin;
  for (const auto part : std::span{parts}.first(count))
    end = std::copy(part.begin(), part.end(), end);
  return present_text({begin, size});
}

text_value evaluator::substring(const instruction& code) {
  const auto whole = text(code.a);
  const auto start = as_count(number(code.b));
  if (!whole.present() || !start)
    return {};
  const auto length = count_code_units(whole.view);
  auto count = length - std::min(*start, length);
  if (*start > length)
    return {};
  if (code.op == opcode::substring_counted) {
    const auto wanted = as_count(number(code.c));
    if (!wanted || *start == length || *wanted > count)
      return {};
    count = *wanted;
  }
  const auto part = slice_code_units(whole.view, *start, count);
  return part ? present_text(*part) : text_value{};
}

text_value evaluator::text(std::uint32_t at) {
  const auto& code = code_.code[at];
  switch (code.op) {
  case opcode::constant_string:
    return present_text(constant(code.a));
  case opcode::user_property:
    return message_.user_property(constant(code.a));
  case opcode::system_property:
    return message_.system_property(constant(code.a));
  case opcode::any_property:
  case opcode::any_message_id:
  case opcode::any_origin:
    return property(code);
  case opcode::message_id:
    return message_.message_id();
  case opcode::origin:
    return message_.origin();
  case opcode::lower:
  case opcode::upper:
    return cased(code);
  case opcode::concat:
    return concat(code);
  case opcode::substring:
  case opcode::substring_counted:
    return substring(code);
  case opcode::coalesce_string: {
    const auto value = text(code.a);
    return value.is == text_value::state::undefined ? text(code.b) : value;
  }
  default:
    return text_of(dynamic(code.a));
  }
}

body_value evaluator::calculate(const instruction& code) {
  const auto left = number_of(dynamic(code.a));
  if (code.op == opcode::negate_dynamic)
    return as_body(-left);
  const auto right = number_of(dynamic(code.b));
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
    return message_.body(code_.paths[code.a]);
  case opcode::body_or_property: {
    const auto literal = message_.user_property(constant(code.b));
    if (literal.is != text_value::state::undefined)
      return as_body(literal);
    return message_.body(code_.paths[code.a]);
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
