#pragma once

#include <array>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>

namespace tidegate {

/// A file descriptor that is closed with its owner.
class unique_fd {
public:
  unique_fd() = default;
  explicit unique_fd(int fd) : fd_{fd} {}
  unique_fd(unique_fd&& other) noexcept : fd_{other.release()} {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~unique_fd() { reset(); }

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (fd_ >= 0)
      ::close(release());
  }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// The two ends of a pipe, closed when a new program is run.
struct pipe_ends {
  unique_fd out; ///< to read from
  unique_fd in;  ///< to write to
};

/// Opens a pipe; nothing, with `errno` set, when that fails.
inline std::optional<pipe_ends> open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return std::nullopt;
  return pipe_ends{unique_fd{ends[0]}, unique_fd{ends[1]}};
}

} // namespace tidegate
