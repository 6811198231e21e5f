#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tidegate {

/// Which user each module runs as: a number of its own from a range, the same
/// whenever it is asked for, also when the module was gone in between, so
/// that nobody else ever owns its files. Any thread.
class user_table {
public:
  /// Users `first` to `first + count - 1`; `file` remembers whose they are.
  user_table(std::filesystem::path file, std::uint32_t first,
             std::uint32_t count);

  struct answer {
    std::optional<std::uint32_t> user;
    std::string problem;
  };
  answer user_of(const std::string& module);

private:
  std::optional<std::uint32_t> free_user() const;

  std::filesystem::path file_;
  std::uint32_t first_, count_;
  std::mutex mutex_;
  std::map<std::string, std::uint32_t> users_;
};

} // namespace tidegate
