#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace tidegate {

/// A file that a download is written into, as it comes, within bounds of size
/// and time.
class download_file {
public:
  /// Begins `file` anew. `most` bytes, within `time` from now.
  download_file(const std::filesystem::path& file, std::uint64_t most,
                std::chrono::minutes time);

  /// Takes the next piece, or the news that the answer begins when it is empty.
  /// False when no more is wanted: `finish` says why.
  bool take(std::string_view piece);

  /// Ends the file. Empty, or what is wrong with it.
  std::string finish();

private:
  std::ofstream out_;
  std::string name_;
  std::uint64_t most_;
  std::uint64_t size_ = 0;
  std::chrono::minutes time_;
  std::chrono::steady_clock::time_point end_;
  std::string problem_;
};

} // namespace tidegate
