#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidegate::routing {

/// The tokens of the route language (edge-hub spec 4.3).
enum class token_kind : std::uint8_t {
  end,
  bad, ///< no token starts here; `token::why` says what is wrong
  select,
  from,
  where,
  into,
  string, ///< with its quotes
  integer,
  hexadecimal,
  real,
  true_literal,
  false_literal,
  null_literal,
  undefined_literal,
  and_operator,
  or_operator,
  not_operator,
  plus,
  minus,
  star,
  slash,
  percent,
  concat,
  coalesce,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  open_parenthesis,
  close_parenthesis,
  open_brace,
  close_brace,
  comma,
  system_name, ///< with its `$`
  identifier,
};

struct token {
  token_kind kind = token_kind::end;
  std::size_t offset = 0; ///< in bytes from the start of the text
  std::string_view text;
  std::string_view why; ///< a phrase, for `bad` only

  std::size_t end() const { return offset + text.size(); }
};

} // namespace tidegate::routing
