#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// Replaces the file so that a crash at any moment leaves the old text or the
/// new one, never a mix: written beside it, synced, renamed, folder synced.
/// Readable by the owner only. Returns what went wrong, or empty text.
std::string write_durably(const std::filesystem::path& file,
                          std::string_view text);

/// The whole file; nothing when it cannot be read or is past 16 MiB.
std::optional<std::string> read_file(const std::filesystem::path& file);

} // namespace tidegate
