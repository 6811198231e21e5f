#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidegate {

// What devices, modules and manifests say, on its way to people: a terminal
// must not obey it, and one line must not look like two, or like another.

/// Bytes that are shown of one value.
inline constexpr std::size_t longest_shown = 1024;

/// `text` with everything escaped that a terminal would act on or not show:
/// control characters (C0, DEL, C1, also as single bytes), what turns the
/// direction of writing, what has no width, and what is not UTF-8, as `\n`,
/// `\x1b` or `\u202e`. Past `most` bytes it is cut, and says how much is
/// missing. Shown again it stays as it is.
std::string shown_text(std::string_view text, std::size_t most = longest_shown);

/// The same for JSON, whose texts mean what they did: `\u001b`, `\u202e`.
/// Nothing is cut. `json` is valid.
std::string shown_json(std::string_view json);

} // namespace tidegate
