#include "messages/routing/letter_case.hpp"

#include "messages/routing/utf8.hpp"

#include <algorithm>
#include <clocale>
#include <cstddef>
#include <cwctype>

namespace tidegate::routing {

namespace {

constexpr char32_t capital_i_with_dot = 0x130;
constexpr char32_t small_dotless_i = 0x131;

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

char change_ascii(char c, letter_case to) {
  if (to == letter_case::lower)
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

/// The locale whose tables know all of Unicode; null where it is not
/// installed, and then only ASCII letters change.
locale_t unicode_locale() {
  static const locale_t loaded = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return loaded;
}

char32_t change_character(char32_t c, letter_case to) {
  if (c < 0x80)
    return static_cast<unsigned char>(change_ascii(static_cast<char>(c), to));
  if (c == capital_i_with_dot || c == small_dotless_i)
    return c;
  const auto tables = unicode_locale();
  if (!tables)
    return c;
  const auto wide = static_cast<wint_t>(c);
  return static_cast<char32_t>(to == letter_case::lower
                                 ? towlower_l(wide, tables)
                                 : towupper_l(wide, tables));
}

/// No character more than doubles: two bytes may become three.
constexpr std::size_t most_growth = 2;

std::optional<std::string_view> change_unicode(std::string_view text,
                                               letter_case to, arena& room) {
  // A stray byte becomes U+FFFD, which takes three.
  const auto size = text.size() * (most_growth + 1);
  char* const begin = room.take(size);
  if (!begin)
    return std::nullopt;
  char* end = begin;
  while (!text.empty())
    end = encode_utf8(change_character(decode_utf8(text), to), end);
  const auto used = static_cast<std::size_t>(end - begin);
  room.give_back(size - used);
  return std::string_view{begin, used};
}

} // namespace

std::optional<std::string_view> change_case(std::string_view text,
                                            letter_case to, arena& room) {
  const auto stays
    = [to](char c) { return is_ascii(c) && change_ascii(c, to) == c; };
  if (std::all_of(text.begin(), text.end(), stays))
    return text;
  if (!std::all_of(text.begin(), text.end(), is_ascii))
    return change_unicode(text, to, room);
  char* const begin = room.take(text.size());
  if (!begin)
    return std::nullopt;
  std::transform(text.begin(), text.end(), begin,
                 [to](char c) { return change_ascii(c, to); });
  return std::string_view{begin, text.size()};
}

} // namespace tidegate::routing
