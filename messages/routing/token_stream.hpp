#pragma once

#include "messages/routing/lexer.hpp"

#include <string>

namespace tidegate::routing {

/// Tokens with one of lookahead, as the parsers read them.
class token_stream {
public:
  explicit token_stream(std::string_view text)
    : lexer_{text}, current_{lexer_.next()} {}

  /// The token that is next, not yet taken.
  const token& peek() const { return current_; }
  bool at(token_kind kind) const { return current_.kind == kind; }
  /// Takes the next token. After `max_tokens` there are only `bad` ones.
  token take();
  /// Where the last taken token ended, in bytes.
  std::size_t taken_to() const { return taken_to_; }

  std::string_view text() const { return lexer_.text(); }
  const std::vector<diagnostic>& warnings() const { return lexer_.warnings(); }
  /// "expected `wanted`, found ..." at the next token.
  diagnostic unexpected(std::string_view wanted) const;
  /// `sentence` at byte `offset`.
  diagnostic at(std::size_t offset, std::string sentence) const {
    return diagnose(text(), offset, std::move(sentence));
  }

private:
  lexer lexer_;
  token current_;
  std::size_t taken_ = 0;
  std::size_t taken_to_ = 0;
};

} // namespace tidegate::routing
