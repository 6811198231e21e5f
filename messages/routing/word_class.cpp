#include "messages/routing/word_class.hpp"

#include "messages/message_head.hpp"

#include <array>
#include <cstddef>

namespace tidegate::routing {

namespace {

struct reserved_word {
  std::string_view text;
  token_kind kind;
};

constexpr std::array in_any_case{
  reserved_word{"select", token_kind::select},
  reserved_word{"from", token_kind::from},
  reserved_word{"where", token_kind::where},
  reserved_word{"into", token_kind::into},
  reserved_word{"and", token_kind::and_operator},
  reserved_word{"or", token_kind::or_operator},
  reserved_word{"not", token_kind::not_operator},
};

constexpr std::array as_written{
  reserved_word{"true", token_kind::true_literal},
  reserved_word{"false", token_kind::false_literal},
  reserved_word{"null", token_kind::null_literal},
  reserved_word{"undefined", token_kind::undefined_literal},
  reserved_word{"+", token_kind::plus},
  reserved_word{"-", token_kind::minus},
  reserved_word{"*", token_kind::star},
  reserved_word{"%", token_kind::percent},
  reserved_word{"||", token_kind::concat},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Drops the leading digits and says how many there were.
std::size_t drop_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count]))
    ++count;
  text.remove_prefix(count);
  return count;
}

/// Drops a whole exponent (`e12`, `E-3`); false when there is none.
bool drop_exponent(std::string_view& text) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E'))
    return false;
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '+' || text[0] == '-'))
    text.remove_prefix(1);
  return drop_digits(text) > 0;
}

bool is_hexadecimal(std::string_view word) {
  if (word.size() < 3 || word[0] != '0' || (word[1] != 'x' && word[1] != 'X'))
    return false;
  for (const char c : word.substr(2))
    if (!is_hex_digit(c))
      return false;
  return true;
}

token_kind classify_number(std::string_view word) {
  if (is_hexadecimal(word))
    return token_kind::hexadecimal;
  if (word[0] == '-')
    word.remove_prefix(1);
  const auto whole = drop_digits(word);
  if (word.empty())
    return whole > 0 ? token_kind::integer : token_kind::identifier;
  if (word[0] != '.')
    return drop_exponent(word) && word.empty() ? token_kind::real
                                               : token_kind::identifier;
  word.remove_prefix(1);
  if (drop_digits(word) == 0)
    return token_kind::identifier;
  if (word.empty())
    return token_kind::real;
  return drop_exponent(word) && word.empty() ? token_kind::real
                                             : token_kind::identifier;
}

} // namespace

bool is_path_character(char c) {
  switch (c) {
  case '(':
  case ')':
  case '<':
  case '>':
  case '@':
  case ',':
  case ';':
  case ':':
  case '\\':
  case '"':
  case '/':
  case '?':
  case '=':
  case '{':
  case '}':
  case ' ':
  case '\t':
  case '\r':
  case '\n':
    return false;
  default:
    return true;
  }
}

bool is_name_character(char c) {
  return c != '[' && c != ']' && is_path_character(c);
}

token_kind classify_word(std::string_view word) {
  for (const auto& [text, kind] : in_any_case)
    if (equal_without_case(word, text))
      return kind;
  for (const auto& [text, kind] : as_written)
    if (word == text)
      return kind;
  return classify_number(word);
}

} // namespace tidegate::routing
