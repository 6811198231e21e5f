#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace tidegate {

/// Writes to a file of a control group; the answer is what went wrong, or
/// empty. Serves the engine and the shim.
std::string write_group_file(const std::filesystem::path& file,
                             std::string_view text);

/// Empty when it cannot be read.
std::string read_group_file(const std::filesystem::path& file);

/// How many processes of the group in `folder` the kernel has killed for want
/// of memory; 0 when that is not known.
std::uint64_t group_memory_kills(const std::filesystem::path& folder);

} // namespace tidegate
