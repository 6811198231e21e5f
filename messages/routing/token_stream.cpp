#include "messages/routing/token_stream.hpp"

#include "messages/routing/limits.hpp"

namespace tidegate::routing {

namespace {

std::string describe(const token& found) {
  switch (found.kind) {
  case token_kind::end:
    return "the end of the text";
  case token_kind::bad:
    return std::string{found.why} + ": " + quote(found.text);
  case token_kind::string:
    return "the string " + quote(found.text);
  case token_kind::integer:
  case token_kind::hexadecimal:
  case token_kind::real:
    return "the number " + quote(found.text);
  case token_kind::select:
  case token_kind::from:
  case token_kind::where:
  case token_kind::into:
    return "the reserved word " + quote(found.text);
  case token_kind::true_literal:
  case token_kind::false_literal:
  case token_kind::null_literal:
  case token_kind::undefined_literal:
    return "the literal " + quote(found.text);
  case token_kind::identifier:
    return "the name " + quote(found.text);
  case token_kind::system_name:
    return "the system name " + quote(found.text);
  default:
    return quote(found.text);
  }
}

} // namespace

token token_stream::take() {
  const auto result = current_;
  taken_to_ = result.end();
  if (++taken_ > max_tokens) {
    current_
      = {token_kind::bad, result.end(), {}, "a text with too many parts"};
    return result;
  }
  current_ = lexer_.next();
  return result;
}

diagnostic token_stream::unexpected(std::string_view wanted) const {
  return at(current_.offset, "expected " + std::string{wanted} + ", found "
                               + describe(current_));
}

} // namespace tidegate::routing
