#pragma once

#include "messages/routing/arena.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tidegate::routing {

enum class letter_case : std::uint8_t { lower, upper };

/// `text` with every letter changed one for one, independent of language
/// (the invariant culture: dotless and dotted I stay what they are). Returns
/// `text` itself when nothing changes; else the result lies in `room`.
/// Nothing when there is no room.
std::optional<std::string_view> change_case(std::string_view text,
                                            letter_case to, arena& room);

} // namespace tidegate::routing
