#pragma once

#include <optional>
#include <string_view>

namespace tidegate::routing {

/// Reads `digits[.digits][e[+-]digits]` with an optional leading `-`, the
/// whole of `text`. Too large a value is infinity, too small a one zero.
std::optional<double> read_decimal(std::string_view text);

/// What `as_number` makes of a text, by the rules of the invariant culture:
/// blanks around it, a sign before or behind, parentheses for a negative one,
/// thousands separators, `Infinity`. Not a number when it is none.
double parse_number(std::string_view text);

} // namespace tidegate::routing
