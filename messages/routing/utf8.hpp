#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidegate::routing {

inline constexpr char32_t replacement_character = 0xFFFD;

/// Bytes that one character needs at most.
inline constexpr std::size_t longest_utf8 = 4;

/// Writes `c` to `out` and returns one past its last byte. Surrogates and
/// values past U+10FFFF become U+FFFD.
char* encode_utf8(char32_t c, char* out);

void append_utf8(std::string& out, char32_t c);

/// Takes the first character off `text`, which must not be empty. A byte that
/// is no part of a character comes back as U+FFFD.
char32_t decode_utf8(std::string_view& text);

} // namespace tidegate::routing
