#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace tidegate {

/// A fresh folder that goes away with its owner.
class temporary_folder {
public:
  temporary_folder() {
    auto name
      = (std::filesystem::temp_directory_path() / "tidegate-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace tidegate
