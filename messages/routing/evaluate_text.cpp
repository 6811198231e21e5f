#include "messages/routing/evaluator.hpp"

#include "messages/routing/code_units.hpp"
#include "messages/routing/letter_case.hpp"
#include "messages/routing/limits.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace tidegate::routing {

namespace {

/// An argument that counts code units: a whole number from 0 on, fractions cut
/// off. Nothing when it is none.
std::optional<std::size_t> as_count(double value) {
  value = std::trunc(value);
  if (!(value >= 0) || value > static_cast<double>(max_scratch_size))
    return std::nullopt;
  return static_cast<std::size_t>(value);
}

} // namespace

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
    return as_text(dynamic(code.a));
  }
}

} // namespace tidegate::routing
