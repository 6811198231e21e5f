#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// Where an archive's entry belongs below the folder that it is unpacked
/// into: `./bin//run` is `bin/run`. Empty is the folder itself; nothing for a
/// path that is absolute, has `..` or a zero byte, or is too long.
std::optional<std::string> path_below(std::string_view entry);

/// True when a symbolic link at `entry` (as `path_below` gave it) to `target`
/// leads to somewhere below the same folder: not absolute, and `..` only in
/// front, no more often than the entry is deep.
bool stays_below(std::string_view entry, std::string_view target);

} // namespace tidegate
