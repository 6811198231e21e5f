#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <string_view>

/// The files in an archive; one that is just compressed has no name.
inline std::map<std::string, std::string> unpack(std::string_view packed) {
  std::map<std::string, std::string> all;
  auto* from = archive_read_new();
  archive_read_support_filter_all(from);
  archive_read_support_format_zip(from);
  archive_read_support_format_raw(from);
  REQUIRE(archive_read_open_memory(from, packed.data(), packed.size())
          == ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(from, &entry) == ARCHIVE_OK) {
    auto& into = all[archive_entry_pathname(entry)];
    std::string piece(4096, '\0');
    for (la_ssize_t got = 1;
         (got = archive_read_data(from, piece.data(), piece.size())) > 0;)
      into.append(piece, 0, static_cast<std::size_t>(got));
  }
  archive_read_free(from);
  return all;
}
