#include "messages/routing/unicode_escape.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>

namespace tidegate::routing {

namespace {

constexpr std::size_t escape_size = 6;

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
         || (c >= 'A' && c <= 'F');
}

std::uint16_t read_unit(std::string_view escape) {
  std::uint16_t unit = 0;
  std::from_chars(escape.data() + 2, escape.data() + escape_size, unit, 16);
  return unit;
}

} // namespace

bool is_unicode_escape(std::string_view text) {
  if (text.size() < escape_size || !text.starts_with("\\u"))
    return false;
  for (const char c : text.substr(2, 4))
    if (!is_hex_digit(c))
      return false;
  return true;
}

char32_t take_unicode_escape(std::string_view& text) {
  const char32_t first = read_unit(text);
  text.remove_prefix(escape_size);
  if (first < 0xD800 || first > 0xDBFF || !is_unicode_escape(text))
    return first;
  const char32_t second = read_unit(text);
  if (second < 0xDC00 || second > 0xDFFF)
    return first;
  text.remove_prefix(escape_size);
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

} // namespace tidegate::routing
