#include "storage/private_file.hpp"

#include "messages/ec.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace tidegate {

namespace {

caf::error failed(const std::string& path) {
  return caf::make_error(ec::io_failed,
                         path + " can not be written: " + std::strerror(errno));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0;
}

/// Makes a rename in the folder of `path` last.
void sync_folder(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path().string();
  const auto fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  ::fsync(fd);
  ::close(fd);
}

} // namespace

caf::error write_private_file(const std::string& path,
                              const std::string& text) {
  auto temporary = path + ".XXXXXX";
  const auto fd = ::mkostemp(temporary.data(), O_CLOEXEC); // mode 0600
  if (fd < 0)
    return failed(path);
  const auto written = write_all(fd, text);
  auto error = written ? caf::error{} : failed(path);
  ::close(fd);
  if (!error && ::rename(temporary.c_str(), path.c_str()) != 0)
    error = failed(path);
  if (error)
    ::unlink(temporary.c_str());
  else
    sync_folder(path);
  return error;
}

} // namespace tidegate
