#include "messages/compression.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <catch2/catch.hpp>
#include <map>

using namespace tidegate;

namespace {

/// The files in an archive; gzip has one, without a name.
std::map<std::string, std::string> unpack(const std::string& packed) {
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

} // namespace

TEST_CASE("what is compressed can be read again", "[compression]") {
  std::string text;
  for (int i = 0; i < 10'000; ++i)
    text += "line " + std::to_string(i) + '\n';
  const auto small = gzip(text);
  CHECK(small.size() < text.size() / 3);
  CHECK(unpack(small).begin()->second == text);
  CHECK(unpack(gzip("a")).begin()->second == "a");
  using files = std::map<std::string, std::string>;
  CHECK(unpack(zip({{"logs/a.txt", text}, {"b.json", "{}"}}, 1'767'323'045))
        == files{{"logs/a.txt", text}, {"b.json", "{}"}});
}
