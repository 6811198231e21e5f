#include "runtime/engines/log_parts.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>

namespace tidegate {

namespace {

namespace fs = std::filesystem;

/// A follower that has not opened a part by then does not come any more.
constexpr std::int64_t follower_patience = 10;

fs::path folder_of(const fs::path& log) { return log.string() + ".parts"; }

fs::path file_of(const fs::path& log, std::uint64_t number) {
  return folder_of(log) / std::to_string(number);
}

unique_fd open_folder(const fs::path& folder) {
  ::mkdir(folder.c_str(), 0700);
  return unique_fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

std::int64_t steady_seconds() {
  using namespace std::chrono;
  return duration_cast<seconds>(steady_clock::now().time_since_epoch()).count();
}

/// Whether anybody but `folder` holds the lock of followers.
bool others_follow(const unique_fd& folder) {
  if (!folder || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0)
    return static_cast<bool>(folder);
  ::flock(folder.get(), LOCK_UN);
  return false;
}

} // namespace

std::vector<log_part> numbered_parts(const fs::path& log) {
  std::vector<log_part> parts;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator{folder_of(log), failed}) {
    const auto name = entry.path().filename().string();
    log_part one;
    one.file = entry.path();
    const auto* const end = name.data() + name.size();
    struct stat facts {};
    if (const auto read = std::from_chars(name.data(), end, one.number);
        read.ec != std::errc{} || read.ptr != end
        || ::stat(one.file.c_str(), &facts) != 0)
      continue;
    one.inode = facts.st_ino;
    one.size = static_cast<std::uint64_t>(facts.st_size);
    one.names = facts.st_nlink;
    parts.push_back(std::move(one));
  }
  std::sort(parts.begin(), parts.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return parts;
}

log_follower::log_follower(fs::path log)
  : log_{std::move(log)}, folder_{open_folder(folder_of(log_))} {
  // The writer's look at the lock takes no time.
  if (folder_)
    ::flock(folder_.get(), LOCK_SH);
}

log_follower::~log_follower() {
  if (!folder_)
    return;
  ::flock(folder_.get(), LOCK_UN);
  if (others_follow(folder_))
    return;
  for (const auto& part : numbered_parts(log_))
    if (part.names == 1)
      ::unlink(part.file.c_str());
}

log_numbers::log_numbers(fs::path log, std::size_t most)
  : log_{std::move(log)}, most_{most}, folder_{open_folder(folder_of(log_))} {
  for (const auto& part : numbered_parts(log_)) {
    parts_.push_back({part.number, part.size, steady_seconds()});
    size_ += part.size;
    next_ = part.number + 1;
  }
}

void log_numbers::add(std::uint64_t size) {
  if (::link(log_.c_str(), file_of(log_, next_).c_str()) == 0) {
    parts_.push_back({next_, size, steady_seconds()});
    size_ += size;
  }
  ++next_;
  remove_old();
}

void log_numbers::remove_old() {
  if (parts_.size() <= most_)
    return;
  const bool followed = others_follow(folder_);
  const auto now = steady_seconds();
  while (parts_.size() > most_) {
    const auto& oldest = parts_.front();
    if (followed && size_ <= most_kept_for_followers
        && now - oldest.added < follower_patience)
      return;
    ::unlink(file_of(log_, oldest.number).c_str());
    size_ -= oldest.size;
    parts_.pop_front();
  }
}

} // namespace tidegate
