#include "messages/routing/literal.hpp"

#include "messages/routing/number_text.hpp"
#include "messages/routing/unicode_escape.hpp"
#include "messages/routing/utf8.hpp"

#include <charconv>
#include <cstdint>

namespace tidegate::routing {

std::string string_value(std::string_view literal) {
  literal = literal.substr(1, literal.size() - 2);
  std::string value;
  value.reserve(literal.size());
  while (!literal.empty()) {
    if (is_unicode_escape(literal)) {
      append_utf8(value, take_unicode_escape(literal));
      continue;
    }
    if (literal[0] == '\\')
      literal.remove_prefix(1);
    value.push_back(literal[0]);
    literal.remove_prefix(1);
  }
  return value;
}

std::optional<double> number_value(const token& literal) {
  if (literal.kind != token_kind::hexadecimal)
    return read_decimal(literal.text);
  std::uint64_t value = 0;
  const auto digits = literal.text.substr(2);
  const auto result
    = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (result.ec != std::errc{})
    return std::nullopt;
  return static_cast<double>(value);
}

} // namespace tidegate::routing
