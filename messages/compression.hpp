#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// `text` as gzip has it (RFC 1952).
std::string gzip(std::string_view text);

/// A file in a zip archive.
struct zipped_file {
  std::string name;
  std::string content;
};

/// A zip archive of `files`, deflated, as written at `when`, in seconds since
/// 1970.
std::string zip(const std::vector<zipped_file>& files, std::int64_t when);

} // namespace tidegate
