#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string_view>

// The language measures text in UTF-16 code units, as the reference does
// (edge-hub spec 4.6, 4.8); here it is UTF-8. A character outside the basic
// plane counts as two. Bytes that are no UTF-8 are counted somehow, and never
// read past the end.
namespace tidegate::routing {

/// The length of `text` in code units.
std::size_t count_code_units(std::string_view text);

/// The order of the code units. Differs from the order of the bytes where
/// characters outside the basic plane meet U+E000 to U+FFFF.
std::strong_ordering compare_code_units(std::string_view left,
                                        std::string_view right);

/// The bytes from code unit `start` on, `count` units of them. Nothing when
/// that is past the end, or would cut a character in two.
std::optional<std::string_view>
slice_code_units(std::string_view text, std::size_t start, std::size_t count);

/// The byte where `part` first stands in `text`, or `npos`. Takes linear time,
/// whatever a sender makes of either.
std::size_t find_text(std::string_view text, std::string_view part);

} // namespace tidegate::routing
