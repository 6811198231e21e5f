#include "messages/routing/evaluator.hpp"

#include "messages/routing/code_units.hpp"
#include "messages/routing/number_text.hpp"

#include <cmath>

namespace tidegate::routing {

namespace {

double sign_of(double value) {
  if (std::isnan(value))
    return value;
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

} // namespace

/// Numbers that come from text.
double evaluator::measure(const instruction& code) {
  const arena_scope scope{message_.room()};
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
    const auto found = find_text(whole.view, part.view);
    if (found == std::string_view::npos)
      return -1;
    return static_cast<double>(count_code_units(whole.view.substr(0, found)));
  }
  case opcode::dynamic_as_number:
    return as_number(dynamic(code.a));
  default: {
    const auto value = dynamic(code.a);
    return value.is == body_value::kind::string ? parse_number(value.string)
                                                : as_number(value);
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

} // namespace tidegate::routing
