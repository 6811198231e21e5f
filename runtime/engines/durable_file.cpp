#include "runtime/engines/durable_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace tidegate {

namespace {

constexpr std::size_t most = 16u << 20;

std::string problem(const char* doing, const std::filesystem::path& file) {
  return std::string{doing} + ' ' + file.string() + ": " + std::strerror(errno);
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  ::fsync(fd);
  ::close(fd);
}

} // namespace

std::string write_durably(const std::filesystem::path& file,
                          std::string_view text) {
  auto draft = file;
  draft += ".new";
  const int fd
    = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return problem("creating", draft);
  const auto written = write_all(fd, text) && ::fsync(fd) == 0;
  auto why = written ? std::string{} : problem("writing", draft);
  ::close(fd);
  if (!written)
    return why;
  if (::rename(draft.c_str(), file.c_str()) != 0)
    return problem("replacing", file);
  sync_folder(file.parent_path());
  return {};
}

std::optional<std::string> read_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return std::nullopt;
  std::string text;
  std::array<char, 16'384> part;
  ssize_t count = 0;
  while ((count = ::read(fd, part.data(), part.size())) > 0
         && text.size() < most)
    text.append(part.data(), static_cast<std::size_t>(count));
  ::close(fd);
  if (count != 0)
    return std::nullopt;
  return text;
}

} // namespace tidegate
