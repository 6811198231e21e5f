#include "runtime/engines/group_file.hpp"

#include "runtime/engines/durable_file.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace tidegate {

std::string write_group_file(const std::filesystem::path& file,
                             std::string_view text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  const auto written = fd >= 0 ? ::write(fd, text.data(), text.size()) : -1;
  const auto why = written == static_cast<ssize_t>(text.size())
                     ? std::string{}
                     : "writing " + std::string{text} + " to " + file.string()
                         + ": " + std::strerror(errno);
  if (fd >= 0)
    ::close(fd);
  return why;
}

std::string read_group_file(const std::filesystem::path& file) {
  return read_file(file).value_or("");
}

std::uint64_t group_memory_kills(const std::filesystem::path& folder) {
  constexpr std::string_view name = "oom_kill ";
  const auto text = read_group_file(folder / "memory.events");
  auto at = text.starts_with(name) ? 0 : text.find("\noom_kill ");
  if (at == std::string::npos)
    return 0;
  at = text.find(' ', at) + 1;
  std::uint64_t count = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), count);
  return count;
}

} // namespace tidegate
