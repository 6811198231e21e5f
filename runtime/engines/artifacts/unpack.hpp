#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tidegate {

/// What an archive may come to when it is unpacked.
struct unpack_limits {
  std::uint64_t bytes = 1u << 30;
  std::uint64_t entries = 100'000;
};

/// Unpacks a tar or zip file, compressed with gzip, xz or zstd, into the new
/// folder `into`: files, folders and links that stay below it, readable by
/// all, executable where the archive says so; owners are not taken over.
/// Everything is on disk when it returns. Returns what went wrong, or empty
/// text; after a problem the caller removes what is there.
std::string unpack(const std::filesystem::path& archive,
                   const std::filesystem::path& into,
                   const unpack_limits& limits = {});

} // namespace tidegate
