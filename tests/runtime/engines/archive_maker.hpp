#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

namespace tidegate {

/// Writes a tar.gz with whatever entries a test wants, honest or not.
class archive_maker {
public:
  explicit archive_maker(const std::filesystem::path& file)
    : writer_{::archive_write_new()} {
    ::archive_write_add_filter_gzip(writer_);
    ::archive_write_set_format_pax(writer_);
    REQUIRE(::archive_write_open_filename(writer_, file.c_str()) == ARCHIVE_OK);
  }
  ~archive_maker() { ::archive_write_free(writer_); }
  archive_maker(const archive_maker&) = delete;
  archive_maker& operator=(const archive_maker&) = delete;

  archive_maker& file(const std::string& path, const std::string& text,
                      unsigned mode = 0644) {
    auto* entry = begin(path, AE_IFREG, mode);
    ::archive_entry_set_size(entry, static_cast<std::int64_t>(text.size()));
    put(entry);
    ::archive_write_data(writer_, text.data(), text.size());
    return *this;
  }
  /// A file of `size` bytes that begins with `text`, the rest a hole.
  archive_maker& sparse(const std::string& path, const std::string& text,
                        std::int64_t size) {
    auto* entry = begin(path, AE_IFREG, 0644);
    const auto written = static_cast<std::int64_t>(text.size());
    ::archive_entry_set_size(entry, size);
    ::archive_entry_sparse_add_entry(entry, 0, written);
    put(entry);
    ::archive_write_data(writer_, text.data(), text.size());
    const std::string hole(static_cast<std::size_t>(size - written), '\0');
    ::archive_write_data(writer_, hole.data(), hole.size());
    return *this;
  }
  archive_maker& folder(const std::string& path) {
    put(begin(path, AE_IFDIR, 0700));
    return *this;
  }
  archive_maker& link(const std::string& path, const std::string& target) {
    auto* entry = begin(path, AE_IFLNK, 0777);
    ::archive_entry_set_symlink(entry, target.c_str());
    put(entry);
    return *this;
  }
  archive_maker& hard_link(const std::string& path, const std::string& target) {
    auto* entry = begin(path, AE_IFREG, 0644);
    ::archive_entry_set_hardlink(entry, target.c_str());
    put(entry);
    return *this;
  }
  archive_maker& pipe(const std::string& path) {
    put(begin(path, AE_IFIFO, 0644));
    return *this;
  }

private:
  static archive_entry* begin(const std::string& path, unsigned type,
                              unsigned mode) {
    auto* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, path.c_str());
    ::archive_entry_set_filetype(entry, type);
    ::archive_entry_set_perm(entry, static_cast<mode_t>(mode));
    return entry;
  }
  void put(archive_entry* entry) {
    ::archive_write_header(writer_, entry);
    ::archive_entry_free(entry);
  }

  archive* writer_;
};

} // namespace tidegate
