#include "messages/routing/utf8.hpp"

#include <array>
#include <utility>

namespace tidegate::routing {

namespace {

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

struct lead {
  std::size_t size;
  char32_t bits;
  char32_t least; ///< smallest value that needs this size
};

lead read_lead(unsigned char c) {
  if (c < 0x80)
    return {1, c, 0};
  if ((c & 0xE0) == 0xC0)
    return {2, static_cast<char32_t>(c & 0x1F), 0x80};
  if ((c & 0xF0) == 0xE0)
    return {3, static_cast<char32_t>(c & 0x0F), 0x800};
  if ((c & 0xF8) == 0xF0)
    return {4, static_cast<char32_t>(c & 0x07), 0x10000};
  return {0, 0, 0};
}

} // namespace

char* encode_utf8(char32_t c, char* out) {
  if (c > 0x10FFFF || is_surrogate(c))
    c = replacement_character;
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return out;
}

void append_utf8(std::string& out, char32_t c) {
  std::array<char, longest_utf8> buffer{};
  const auto* end = encode_utf8(c, buffer.data());
  out.append(std::as_const(buffer).data(), end);
}

char32_t decode_utf8(std::string_view& text) {
  const auto [size, bits, least]
    = read_lead(static_cast<unsigned char>(text[0]));
  auto value = bits;
  bool good = size != 0 && size <= text.size();
  for (std::size_t i = 1; good && i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    good = (byte & 0xC0) == 0x80;
    value = (value << 6) | (byte & 0x3F);
  }
  good = good && value >= least && value <= 0x10FFFF && !is_surrogate(value);
  text.remove_prefix(good ? size : 1);
  return good ? value : replacement_character;
}

} // namespace tidegate::routing
