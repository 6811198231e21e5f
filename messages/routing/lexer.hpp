#pragma once

#include "messages/routing/diagnostic.hpp"
#include "messages/routing/token.hpp"

#include <string_view>
#include <vector>

namespace tidegate::routing {

/// Cuts a route or condition into tokens, one at a time (edge-hub spec 4.3):
/// the longest match wins, ties go to the earlier row of the table. Operators
/// that may occur in a name (`+ - * % !` and bars) are operators only between
/// blanks. One exception to the table: a `-` right before a `$` is always the
/// operator, so that `-$body.x` negates.
///
/// The text must outlive the lexer and its tokens.
class lexer {
public:
  explicit lexer(std::string_view text) : text_{text} {}

  /// The next token; `end` again and again after the last one.
  token next();

  std::string_view text() const { return text_; }
  /// What looked like a mistake so far but is legal.
  const std::vector<diagnostic>& warnings() const { return warnings_; }

private:
  void skip_blanks_and_comments();
  token take(token_kind kind, std::size_t size);
  token fail(std::size_t size, std::string_view why);
  token quoted();
  token word();
  token symbol();

  std::string_view text_;
  std::size_t position_ = 0;
  std::vector<diagnostic> warnings_;
};

} // namespace tidegate::routing
