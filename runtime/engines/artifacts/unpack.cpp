#include "runtime/engines/artifacts/unpack.hpp"

#include "runtime/engines/artifacts/archive_path.hpp"
#include "runtime/engines/unique_fd.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tidegate {

namespace {

namespace fs = std::filesystem;

struct reader_end {
  void operator()(archive* it) const { ::archive_read_free(it); }
};
using reader = std::unique_ptr<archive, reader_end>;

std::string text_of(const char* text) { return text ? text : ""; }

/// Unpacks one archive.
class unpacking {
public:
  unpacking(fs::path into, const unpack_limits& limits)
    : into_{std::move(into)}, limits_{limits} {}

  std::string run(const fs::path& from) {
    if (!open(from))
      return broken();
    std::error_code failed;
    if (!fs::create_directories(into_, failed))
      return "creating " + into_.string() + ": " + failed.message();
    archive_entry* entry = nullptr;
    int status = 0;
    while ((status = ::archive_read_next_header(reader_.get(), &entry))
           == ARCHIVE_OK) {
      if (++entries_ > limits_.entries)
        return "the archive has more than " + std::to_string(limits_.entries)
               + " entries";
      if (auto problem = take(entry); !problem.empty())
        return problem;
    }
    if (status != ARCHIVE_EOF)
      return broken();
    return finish();
  }

private:
  bool open(const fs::path& from) {
    reader_.reset(::archive_read_new());
    auto* it = reader_.get();
    constexpr std::size_t block = 65'536;
    ::archive_read_support_filter_gzip(it);
    ::archive_read_support_filter_xz(it);
    ::archive_read_support_filter_zstd(it);
    ::archive_read_support_format_tar(it);
    ::archive_read_support_format_zip(it);
    return ::archive_read_open_filename(it, from.c_str(), block) == ARCHIVE_OK;
  }

  std::string broken() const {
    return "the archive cannot be read: "
           + text_of(::archive_error_string(reader_.get()));
  }

  std::string take(archive_entry* entry) {
    const auto name = text_of(::archive_entry_pathname(entry));
    const auto path = path_below(name);
    if (!path)
      return "the archive has an entry with the path '" + name + "'";
    if (path->empty())
      return {};
    const auto place = into_ / *path;
    if (::archive_entry_hardlink(entry))
      return "'" + name + "' is a hard link";
    std::error_code failed;
    const auto type = ::archive_entry_filetype(entry);
    fs::create_directories(type == AE_IFDIR ? place : place.parent_path(),
                           failed);
    if (failed)
      return "creating the folder of " + place.string() + ": "
             + failed.message();
    if (type == AE_IFDIR)
      return {};
    if (type == AE_IFREG)
      return write(entry, place);
    if (type != AE_IFLNK)
      return "'" + name + "' is neither a file, a folder nor a link";
    const auto target = text_of(::archive_entry_symlink(entry));
    if (!stays_below(*path, target))
      return "the link '" + name + "' leads outside, to '" + target + "'";
    links_.emplace_back(place, target);
    return {};
  }

  /// No link is there yet: nothing is written through one.
  std::string write(archive_entry* entry, const fs::path& place) {
    constexpr mode_t any_execute = 0111, program = 0755, plain = 0644;
    const auto mode
      = (::archive_entry_perm(entry) & any_execute) != 0 ? program : plain;
    const unique_fd file{
      ::open(place.c_str(),
             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)};
    if (!file || ::fchmod(file.get(), mode) != 0)
      return "writing " + place.string() + ": " + std::strerror(errno);
    const auto too_large
      = "the archive has more than " + std::to_string(limits_.bytes) + " bytes";
    const auto whole = ::archive_entry_size_is_set(entry) != 0
                         ? ::archive_entry_size(entry)
                         : 0;
    if (whole < 0 || static_cast<std::uint64_t>(whole) > limits_.bytes)
      return too_large;
    const void* data = nullptr;
    std::size_t size = 0;
    std::int64_t offset = 0;
    std::int64_t reached = 0;
    int status = 0;
    while (
      (status = ::archive_read_data_block(reader_.get(), &data, &size, &offset))
      == ARCHIVE_OK) {
      // Holes count: a reader would see them.
      const auto end = offset + static_cast<std::int64_t>(size);
      if (!count(end - reached))
        return too_large;
      reached = end;
      if (!write_at(file.get(), static_cast<const char*>(data), size, offset))
        return "writing " + place.string() + ": " + std::strerror(errno);
    }
    if (status != ARCHIVE_EOF)
      return broken();
    if (whole <= reached)
      return {};
    // It ends with a hole, or is nothing else.
    if (!count(whole - reached))
      return too_large;
    return ::ftruncate(file.get(), whole) == 0
             ? std::string{}
             : "writing " + place.string() + ": " + std::strerror(errno);
  }

  /// Whether so many bytes more are within the limit.
  bool count(std::int64_t bytes) {
    bytes_ += static_cast<std::uint64_t>(bytes);
    return bytes >= 0 && bytes_ <= limits_.bytes;
  }

  static bool write_at(int file, const char* data, std::size_t size,
                       std::int64_t offset) {
    while (size > 0) {
      const auto written = ::pwrite(file, data, size, offset);
      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return false;
      data += written;
      size -= static_cast<std::size_t>(written);
      offset += written;
    }
    return true;
  }

  std::string finish() {
    std::error_code failed;
    for (const auto& [place, target] : links_) {
      fs::create_symlink(target, place, failed);
      if (failed)
        return "linking " + place.string() + ": " + failed.message();
    }
    const unique_fd folder{
      ::open(into_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder || ::syncfs(folder.get()) != 0)
      return "writing " + into_.string() + ": " + std::strerror(errno);
    return {};
  }

  fs::path into_;
  const unpack_limits& limits_;
  reader reader_;
  std::uint64_t entries_ = 0, bytes_ = 0;
  std::vector<std::pair<fs::path, std::string>> links_;
};

} // namespace

std::string unpack(const fs::path& archive, const fs::path& into,
                   const unpack_limits& limits) {
  return unpacking{into, limits}.run(archive);
}

} // namespace tidegate
