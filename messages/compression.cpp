#include "messages/compression.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <memory>
#include <new>
#include <stdexcept>
#include <zlib.h>

namespace tidegate {

namespace {

la_ssize_t append(archive*, void* to, const void* data, std::size_t size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

struct free_archive {
  void operator()(archive* one) const { archive_write_free(one); }
  void operator()(archive_entry* one) const { archive_entry_free(one); }
};

} // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int with_gzip_header = 15 + 16;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_header,
                   8, Z_DEFAULT_STRATEGY)
      != Z_OK)
    throw std::bad_alloc{};
  std::string made(deflateBound(&stream, text.size()), '\0');
  stream.next_in
    = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // only read
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  deflate(&stream, Z_FINISH);
  made.resize(stream.total_out);
  deflateEnd(&stream);
  return made;
}

std::string zip(const std::vector<zipped_file>& files, std::int64_t when) {
  std::string made;
  const std::unique_ptr<archive, free_archive> to{archive_write_new()};
  archive_write_set_format_zip(to.get());
  archive_write_set_bytes_per_block(to.get(), 0);
  archive_write_open(to.get(), &made, nullptr, append, nullptr);
  for (const auto& [name, content] : files) {
    const std::unique_ptr<archive_entry, free_archive> entry{
      archive_entry_new()};
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), when, 0);
    archive_entry_set_size(entry.get(),
                           static_cast<la_int64_t>(content.size()));
    if (archive_write_header(to.get(), entry.get()) != ARCHIVE_OK
        || archive_write_data(to.get(), content.data(), content.size())
             != static_cast<la_ssize_t>(content.size()))
      throw std::runtime_error{archive_error_string(to.get())};
  }
  archive_write_close(to.get());
  return made;
}

} // namespace tidegate
