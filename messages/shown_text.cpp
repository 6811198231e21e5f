#include "messages/shown_text.hpp"

#include <algorithm>
#include <array>

namespace tidegate {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

/// A character at the front of a text: its bytes, 0 when it is not UTF-8, and
/// its code, then that of the first byte.
struct character {
  std::size_t size = 0;
  char32_t code = 0;
};

character front_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80)
    return {1, first};
  const std::size_t size = (first >> 5) == 0x06   ? 2
                           : (first >> 4) == 0x0e ? 3
                           : (first >> 3) == 0x1e ? 4
                                                  : 0;
  if (size == 0 || size > text.size())
    return {0, first};
  char32_t code = first & (0xffU >> (size + 1));
  for (const char next : text.substr(1, size - 1)) {
    const auto byte = static_cast<unsigned char>(next);
    if ((byte & 0xc0) != 0x80)
      return {0, first};
    code = code << 6 | (byte & 0x3fU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const auto surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < least[size] || surrogate || code > 0x10ffff)
    return {0, first};
  return {size, code};
}

struct range {
  char32_t from, to;
};

/// Control characters, and the default-ignorable and bidirectional ones that
/// change how a line looks (Unicode, UAX #9; DerivedCoreProperties).
constexpr std::array hidden{
  range{0x00, 0x1f},       range{0x7f, 0x9f},     range{0xad, 0xad},
  range{0x34f, 0x34f},     range{0x61c, 0x61c},   range{0x115f, 0x1160},
  range{0x180b, 0x180f},   range{0x200b, 0x200f}, range{0x2028, 0x202e},
  range{0x2060, 0x206f},   range{0x3164, 0x3164}, range{0xfe00, 0xfe0f},
  range{0xfeff, 0xfeff},   range{0xffa0, 0xffa0}, range{0xfff0, 0xfffb},
  range{0xe0000, 0xe0fff}, range{0xfffe, 0xffff}};

bool is_hidden(char32_t code) {
  return std::ranges::any_of(
    hidden, [code](range one) { return one.from <= code && code <= one.to; });
}

void add_hex(std::string& out, char32_t value, int count) {
  for (int at = count - 1; at >= 0; --at)
    out += digits[value >> (4 * at) & 15];
}

void add_escaped(std::string& out, char32_t code) {
  switch (code) {
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    break;
  }
  if (code <= 0xff) {
    out += "\\x";
    add_hex(out, code, 2);
  } else if (code <= 0xffff) {
    out += "\\u";
    add_hex(out, code, 4);
  } else {
    out += "\\U";
    add_hex(out, code, 8);
  }
}

void add_for_json(std::string& out, char32_t code) {
  out += "\\u";
  if (code <= 0xffff)
    return add_hex(out, code, 4);
  code -= 0x10000;
  add_hex(out, 0xd800 + (code >> 10), 4);
  out += "\\u";
  add_hex(out, 0xdc00 + (code & 0x3ff), 4);
}

} // namespace

std::string shown_text(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto [size, code] = front_of(text.substr(at));
    const auto step = std::max<std::size_t>(size, 1);
    if (at + step > most)
      break;
    if (size == 0 || is_hidden(code))
      add_escaped(out, code);
    else
      out += text.substr(at, step);
    at += step;
  }
  if (at < text.size())
    out += "... (" + std::to_string(text.size() - at) + " bytes more)";
  return out;
}

std::string shown_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const auto [size, code] = front_of(json);
    const auto step = std::max<std::size_t>(size, 1);
    // Between its texts JSON has no others than blanks and line feeds.
    if (size == 0)
      add_for_json(out, 0xfffd);
    else if (code > ' ' && is_hidden(code))
      add_for_json(out, code);
    else
      out += json.substr(0, step);
    json.remove_prefix(step);
  }
  return out;
}

} // namespace tidegate
