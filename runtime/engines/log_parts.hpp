#pragma once

#include "runtime/engines/unique_fd.hpp"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <vector>

namespace tidegate {

/// One part of a log that nothing is written to any more.
struct log_part {
  std::uint64_t number = 0; ///< grows by one with each part
  std::filesystem::path file;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint64_t names = 0; ///< how many the file has
};

/// The numbered parts of `log` that are there, the oldest first: files in the
/// folder `<log>.parts`, which `<log>.1` and so on are other names of.
std::vector<log_part> numbered_parts(const std::filesystem::path& log);

/// Says, while it lives, that somebody follows `log`: its writer keeps what it
/// would remove, for a moment.
class log_follower {
public:
  explicit log_follower(std::filesystem::path log);
  /// Removes what was kept for followers, unless there are others.
  ~log_follower();
  log_follower(const log_follower&) = delete;
  log_follower& operator=(const log_follower&) = delete;

private:
  std::filesystem::path log_;
  unique_fd folder_;
};

/// Numbers the parts of a log, for its writer. A part stays for `most` more,
/// or, while somebody follows the log, for ten seconds, up to 64 MiB of parts:
/// however fast they come, a follower that looks five times a second finds all
/// of them. Where files can have one name only, there are none.
class log_numbers {
public:
  static constexpr std::uint64_t most_kept_for_followers = std::uint64_t{64}
                                                           << 20;

  log_numbers(std::filesystem::path log, std::size_t most);

  /// The file at the log's path, of `size` bytes, is complete: it becomes the
  /// next part. To be called before it loses that name.
  void add(std::uint64_t size);

private:
  struct known_part {
    std::uint64_t number;
    std::uint64_t size;
    std::int64_t added; ///< seconds of the steady clock
  };

  void remove_old();

  std::filesystem::path log_;
  std::size_t most_;
  unique_fd folder_;
  std::deque<known_part> parts_;
  std::uint64_t size_ = 0; ///< of all parts
  std::uint64_t next_ = 1;
};

} // namespace tidegate
