#include "storage/quarantine.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace tidegate {

namespace fs = std::filesystem;

namespace {

std::uint64_t size_of(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator{folder, failed})
    if (const auto size = entry.file_size(failed); !failed)
      sum += size;
  return sum;
}

bool write(const fs::path& path, std::string_view text) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  return out.flush().good();
}

} // namespace

quarantine::quarantine(fs::path folder, std::uint64_t limit)
  : folder_(std::move(folder)), limit_(limit), used_(size_of(folder_)) {}

bool quarantine::keep(lane_id lane, std::uint64_t first,
                      std::string_view remains, std::string_view why) {
  return keep(std::to_string(static_cast<std::uint32_t>(lane)) + '-'
                + std::to_string(first),
              ".block", remains, why);
}

bool quarantine::keep(const std::string& name, std::string_view remains,
                      std::string_view why) {
  constexpr std::size_t longest = 100;
  std::string plain;
  for (const char c : name.substr(0, longest))
    plain += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.'
               ? c
               : '_';
  return keep(plain, ".damaged", remains, why);
}

bool quarantine::keep(const std::string& name, const char* kind,
                      std::string_view remains, std::string_view why) {
  const std::lock_guard lock{mutex_};
  const auto size = remains.size() + why.size() + 1;
  if (size > limit_ - std::min(limit_, used_))
    return false;
  std::error_code failed;
  if (fs::create_directories(folder_, failed))
    fs::permissions(folder_, fs::perms::owner_all, failed);
  if (failed)
    return false;
  used_ += size;
  const auto noted = write(folder_ / (name + ".txt"), std::string{why} + '\n');
  return (remains.empty() || write(folder_ / (name + kind), remains)) && noted;
}

std::uint64_t quarantine::size() const {
  const std::lock_guard lock{mutex_};
  return used_;
}

} // namespace tidegate
