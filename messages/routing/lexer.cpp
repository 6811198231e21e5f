#include "messages/routing/lexer.hpp"

#include "messages/routing/unicode_escape.hpp"
#include "messages/routing/word_class.hpp"

namespace tidegate::routing {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Size of the escape at the start of `text`, 0 when it is not a legal one.
std::size_t escape_size(std::string_view text) {
  if (text.size() < 2)
    return 0;
  if (text[1] == '"' || text[1] == '\'' || text[1] == '\\')
    return 2;
  return is_unicode_escape(text) ? 6 : 0;
}

struct string_scan {
  std::size_t size = 0;
  bool closed = false;
};

/// How far a string literal at the start of `text` goes.
string_scan scan_string(std::string_view text) {
  const char quote = text[0];
  std::size_t i = 1;
  while (i < text.size()) {
    if (text[i] == quote)
      return {i + 1, true};
    if (text[i] != '\\') {
      ++i;
      continue;
    }
    const auto size = escape_size(text.substr(i));
    if (size == 0)
      return {i, false};
    i += size;
  }
  return {i, false};
}

template <class Predicate>
std::size_t run(std::string_view text, Predicate wanted) {
  std::size_t size = 0;
  while (size < text.size() && wanted(text[size]))
    ++size;
  return size;
}

} // namespace

void lexer::skip_blanks_and_comments() {
  for (;;) {
    while (position_ < text_.size() && is_blank(text_[position_]))
      ++position_;
    if (!text_.substr(position_).starts_with("/*"))
      return;
    const auto close = text_.find("*/", position_ + 2);
    if (close == std::string_view::npos)
      return;
    const auto comment = text_.substr(position_ + 2, close - position_ - 2);
    if (comment.find("/*") != std::string_view::npos)
      warnings_.push_back(diagnose(
        text_, position_,
        "a comment starts here and holds another '/*'; if this is the end of "
        "a source, take the comments out of the route"));
    position_ = close + 2;
  }
}

token lexer::take(token_kind kind, std::size_t size) {
  const token result{kind, position_, text_.substr(position_, size), {}};
  position_ += size;
  return result;
}

token lexer::fail(std::size_t size, std::string_view why) {
  auto result = take(token_kind::bad, size);
  result.why = why;
  return result;
}

token lexer::quoted() {
  const auto rest = text_.substr(position_);
  const auto string = scan_string(rest);
  if (!string.closed) {
    if (string.size < rest.size())
      return fail(string.size + 1, "a string with an unknown escape (known are "
                                   "\\\" \\' \\\\ and \\uXXXX)");
    return fail(string.size, "a string without its closing quote");
  }
  // A single quote is a legal character of a name: `'a'b` is one name.
  if (rest[0] == '\'' && run(rest, is_path_character) > string.size) {
    warnings_.push_back(
      diagnose(text_, position_,
               "this is read as a property name, because text follows the "
               "closing quote; put a blank behind it"));
    return word();
  }
  return take(token_kind::string, string.size);
}

token lexer::word() {
  const auto rest = text_.substr(position_);
  const auto name = run(rest, is_name_character);
  if (rest.starts_with("!="))
    return take(token_kind::not_equal, 2);
  if (rest.starts_with("-$"))
    return take(token_kind::minus, 1);
  if (const auto path = run(rest, is_path_character); path > name)
    return fail(path, "a name with brackets (only a '$body.' path has them)");
  return take(classify_word(rest.substr(0, name)), name);
}

token lexer::symbol() {
  const auto rest = text_.substr(position_);
  switch (rest[0]) {
  case '(':
    return take(token_kind::open_parenthesis, 1);
  case ')':
    return take(token_kind::close_parenthesis, 1);
  case '{':
    return take(token_kind::open_brace, 1);
  case '}':
    return take(token_kind::close_brace, 1);
  case ',':
    return take(token_kind::comma, 1);
  case '/':
    return take(token_kind::slash, 1);
  case '=':
    return take(token_kind::equal, 1);
  case '<':
    if (rest.starts_with("<>"))
      return take(token_kind::not_equal, 2);
    if (rest.starts_with("<="))
      return take(token_kind::less_equal, 2);
    return take(token_kind::less, 1);
  case '>':
    if (rest.starts_with(">="))
      return take(token_kind::greater_equal, 2);
    return take(token_kind::greater, 1);
  case '?':
    if (rest.starts_with("??"))
      return take(token_kind::coalesce, 2);
    break;
  default:
    break;
  }
  return fail(1, "a character that is no part of the language");
}

token lexer::next() {
  skip_blanks_and_comments();
  if (position_ == text_.size())
    return take(token_kind::end, 0);
  const auto rest = text_.substr(position_);
  if (rest[0] == '"' || rest[0] == '\'')
    return quoted();
  if (rest[0] == '$')
    if (const auto size = run(rest, is_path_character); size > 1)
      return take(token_kind::system_name, size);
  if (is_path_character(rest[0]))
    return word();
  return symbol();
}

} // namespace tidegate::routing
