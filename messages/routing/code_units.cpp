#include "messages/routing/code_units.hpp"

#include <algorithm>
#include <cstring>

namespace tidegate::routing {

namespace {

unsigned char byte(char c) { return static_cast<unsigned char>(c); }

/// How many code units the character that starts with `c` has; 0 for bytes
/// inside one.
std::size_t units(char c) {
  if ((byte(c) & 0xC0) == 0x80)
    return 0;
  return byte(c) >= 0xF0 ? 2 : 1;
}

/// The byte offset of code unit `wanted`; nothing when past the end or inside
/// a character.
std::optional<std::size_t> find_unit(std::string_view text,
                                     std::size_t wanted) {
  std::size_t offset = 0;
  std::size_t passed = 0;
  while (offset < text.size()) {
    const auto size = units(text[offset]);
    if (size > 0 && passed == wanted)
      return offset;
    passed += size;
    ++offset;
  }
  if (passed == wanted)
    return offset;
  return std::nullopt;
}

} // namespace

std::size_t count_code_units(std::string_view text) {
  std::size_t sum = 0;
  for (const char c : text)
    sum += units(c);
  return sum;
}

std::strong_ordering compare_code_units(std::string_view left,
                                        std::string_view right) {
  const auto [l, r]
    = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  if (l == left.end() || r == right.end())
    return left.size() <=> right.size();
  const auto a = byte(*l);
  const auto b = byte(*r);
  // Surrogates lie below U+E000 (lead bytes EE and EF).
  if (a >= 0xF0 && (b == 0xEE || b == 0xEF))
    return std::strong_ordering::less;
  if (b >= 0xF0 && (a == 0xEE || a == 0xEF))
    return std::strong_ordering::greater;
  return a <=> b;
}

std::optional<std::string_view>
slice_code_units(std::string_view text, std::size_t start, std::size_t count) {
  const auto from = find_unit(text, start);
  if (!from)
    return std::nullopt;
  const auto rest = text.substr(*from);
  const auto size = find_unit(rest, count);
  if (!size)
    return std::nullopt;
  return rest.substr(0, *size);
}

std::size_t find_text(std::string_view text, std::string_view part) {
  if (part.empty())
    return 0;
  const void* const found
    = memmem(text.data(), text.size(), part.data(), part.size());
  if (!found)
    return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found)
                                  - text.data());
}

} // namespace tidegate::routing
