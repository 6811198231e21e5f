#pragma once

#include <string_view>

namespace tidegate::routing {

/// Whether `text` starts with `\u` and four hexadecimal digits.
bool is_unicode_escape(std::string_view text);

/// Takes one or, for a surrogate pair, two `\uXXXX` off `text`, which must
/// start with one. Half a pair comes back as that surrogate.
char32_t take_unicode_escape(std::string_view& text);

} // namespace tidegate::routing
