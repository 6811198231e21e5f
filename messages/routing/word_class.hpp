#pragma once

#include "messages/routing/token.hpp"

#include <string_view>

namespace tidegate::routing {

/// True for the characters of an identifier; everything outside ASCII is one.
bool is_name_character(char c);

/// Also `[` and `]`, as in `$body.list[0]`.
bool is_path_character(char c);

/// What a run of identifier characters is: a keyword, a number, a literal, an
/// operator, or none of these and thus an identifier. Never empty, never
/// starting with `$`.
token_kind classify_word(std::string_view word);

} // namespace tidegate::routing
