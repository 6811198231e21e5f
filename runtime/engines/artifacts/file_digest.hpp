#pragma once

#include <filesystem>
#include <string>

namespace tidegate {

/// SHA-256 of a file's content, in hex; empty when it cannot be read.
std::string file_digest(const std::filesystem::path& file);

/// SHA-256, in hex, of a list of all files below a folder, in order, each as
/// `PATH 0|1 SHA256` with 1 for a program, and links as `PATH -> TARGET`;
/// empty when something cannot be read.
std::string folder_digest(const std::filesystem::path& folder);

} // namespace tidegate
