#include "runtime/engines/artifacts/file_digest.hpp"

#include "messages/deployment/module_spec.hpp"

#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <openssl/evp.h>
#include <optional>

namespace tidegate {

namespace {

namespace fs = std::filesystem;

struct context_end {
  void operator()(EVP_MD_CTX* it) const { EVP_MD_CTX_free(it); }
};

std::string hex(const unsigned char* bytes, unsigned count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

/// The line of one entry; empty for a folder, nothing when it cannot be read.
std::optional<std::string> line_of(const fs::directory_entry& entry) {
  std::error_code failed;
  if (entry.is_symlink(failed))
    return "-> " + fs::read_symlink(entry.path(), failed).string();
  if (entry.is_directory(failed))
    return "";
  const auto digest = file_digest(entry.path());
  if (digest.empty())
    return std::nullopt;
  const auto mode = entry.status(failed).permissions();
  const auto program
    = (mode & fs::perms::owner_exec) != fs::perms::none ? "1 " : "0 ";
  return program + digest;
}

} // namespace

std::string file_digest(const fs::path& file) {
  std::error_code failed;
  std::ifstream in{file, std::ios::binary};
  const std::unique_ptr<EVP_MD_CTX, context_end> context{EVP_MD_CTX_new()};
  if (!in || !fs::is_regular_file(file, failed)
      || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
    return {};
  std::array<char, 65'536> part;
  while (in.read(part.data(), part.size()) || in.gcount() > 0)
    EVP_DigestUpdate(context.get(), part.data(),
                     static_cast<std::size_t>(in.gcount()));
  if (in.bad())
    return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  return hex(digest.data(), size);
}

std::string folder_digest(const fs::path& folder) {
  std::map<std::string, std::string> lines;
  std::error_code failed;
  for (fs::recursive_directory_iterator at{folder, failed}, end;
       !failed && at != end; at.increment(failed)) {
    const auto line = line_of(*at);
    if (!line)
      return {};
    if (!line->empty())
      lines[at->path().lexically_relative(folder).string()] = *line;
  }
  if (failed)
    return {};
  std::string all;
  for (const auto& [path, line] : lines)
    all += path + ' ' + line + '\n';
  return deployment::sha256_hex(all);
}

} // namespace tidegate
