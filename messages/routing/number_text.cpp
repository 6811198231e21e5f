#include "messages/routing/number_text.hpp"

#include "messages/message_head.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace tidegate::routing {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Longest number with thousands separators that is worth copying.
constexpr std::size_t longest_grouped = 128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Whether a number that does not fit is too large rather than too small:
/// compares its exponent with where its first digit stands.
bool is_large(std::string_view text) {
  const auto e = std::min(text.find_first_of("eE"), text.size());
  const auto mantissa = text.substr(0, e);
  const auto dot = std::min(mantissa.find('.'), mantissa.size());
  const auto first = mantissa.find_first_of("123456789");
  std::int64_t exponent = 0;
  auto sign_and_digits = text.substr(e);
  if (!sign_and_digits.empty())
    sign_and_digits.remove_prefix(1);
  const bool negative = sign_and_digits.starts_with('-');
  if (negative || sign_and_digits.starts_with('+'))
    sign_and_digits.remove_prefix(1);
  const auto* end = sign_and_digits.data() + sign_and_digits.size();
  if (std::from_chars(sign_and_digits.data(), end, exponent).ec
      == std::errc::result_out_of_range)
    return !negative;
  const auto place = static_cast<std::int64_t>(dot)
                     - static_cast<std::int64_t>(std::min(first, text.size()));
  return (negative ? -exponent : exponent) + place > 0;
}

/// A number without sign, in parts already trimmed.
double unsigned_number(std::string_view text) {
  if (equal_without_case(text, "infinity"))
    return infinity;
  const auto point = std::min(text.find_first_of(".eE"), text.size());
  if (text.substr(0, point).find(',') == std::string_view::npos)
    return read_decimal(text).value_or(not_a_number);
  if (text.size() > longest_grouped || !is_digit(text[0]))
    return not_a_number;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i > point || text[i] != ',')
      plain.push_back(text[i]);
  return read_decimal(plain).value_or(not_a_number);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

} // namespace

std::optional<double> read_decimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto digits = text.substr(negative ? 1 : 0);
  // from_chars also reads "inf" and "nan", which are no decimals.
  if (digits.empty() || (!is_digit(digits[0]) && digits[0] != '.'))
    return std::nullopt;
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error]
    = std::from_chars(text.data(), end, value, std::chars_format::general);
  if (stop != end || error == std::errc::invalid_argument)
    return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const auto limit = is_large(digits) ? infinity : 0.0;
    return negative ? -limit : limit;
  }
  return value;
}

double parse_number(std::string_view text) {
  text = trim(text);
  bool negative = false;
  if (text.starts_with('(') && text.ends_with(')')) {
    negative = true;
    text = trim(text.substr(1, text.size() - 2));
  } else if (text.starts_with('-') || text.starts_with('+')) {
    negative = text[0] == '-';
    text = trim(text.substr(1));
  } else if (text.ends_with('-') || text.ends_with('+')) {
    negative = text.back() == '-';
    text = trim(text.substr(0, text.size() - 1));
  }
  if (text.empty() || text[0] == '-')
    return not_a_number;
  const auto value = unsigned_number(text);
  return negative ? -value : value;
}

} // namespace tidegate::routing
