#include "runtime/engines/log_file.hpp"

#include "runtime/engines/log_record.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidegate {

namespace {

std::int64_t now_microseconds() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch())
    .count();
}

} // namespace

log_file::log_file(std::filesystem::path file, std::uint64_t size,
                   std::uint64_t files)
  : path_{std::move(file)}, size_{size},
    files_{std::max<std::uint64_t>(files, 1)}, numbers_{path_, files_ - 1} {
  open();
}

log_file::~log_file() {
  if (fd_ >= 0)
    ::close(fd_);
}

void log_file::open() {
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct stat facts {};
  written_ = fd_ >= 0 && ::fstat(fd_, &facts) == 0
               ? static_cast<std::uint64_t>(facts.st_size)
               : 0;
}

void log_file::rotate() {
  const auto part = [this](std::uint64_t number) {
    return path_.string() + '.' + std::to_string(number);
  };
  if (fd_ >= 0)
    ::close(fd_);
  numbers_.add(written_);
  // Renamed, not copied: a reader that follows keeps its place.
  for (auto number = files_ - 1; number > 1; --number)
    ::rename(part(number - 1).c_str(), part(number).c_str());
  if (files_ > 1)
    ::rename(path_.c_str(), part(1).c_str());
  else
    ::unlink(path_.c_str());
  open();
}

void log_file::add(log_stream from, std::string_view line, bool partial) {
  append_record(batch_, now_microseconds(), from == log_stream::error, partial,
                line);
  ++in_batch_;
}

/// What is pending becomes a record.
void log_file::add_pending(log_stream from, bool partial) {
  const auto at = from == log_stream::out ? 0 : 1;
  add(from, pending_[at], partial);
  pending_[at].clear();
  open_[at] = partial;
}

void log_file::flush() {
  if (batch_.empty())
    return;
  if (fd_ < 0)
    open();
  else if (written_ >= size_)
    rotate();
  if (lost_ > 0) {
    const auto said
      = "[" + std::to_string(lost_) + " lines could not be written]";
    add(log_stream::error, said, false);
  }
  std::string_view left = batch_;
  while (fd_ >= 0 && !left.empty()) {
    const auto count = ::write(fd_, left.data(), left.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      break;
    written_ += static_cast<std::uint64_t>(count);
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  if (left.empty())
    lost_ = 0;
  else {
    lost_ += in_batch_ - (lost_ > 0 ? 1 : 0);
    // Half a record would hide the one after it.
    if (fd_ >= 0 && left.size() < batch_.size() && ::write(fd_, "\n", 1) == 1)
      ++written_;
  }
  batch_.clear();
  in_batch_ = 0;
}

void log_file::take(log_stream from, std::string_view text) {
  auto& pending = pending_[from == log_stream::out ? 0 : 1];
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto room = longest_log_line - pending.size();
    if (end == std::string_view::npos && text.size() < room) {
      pending += text;
      break;
    }
    const auto whole = end != std::string_view::npos && end <= room;
    const auto count = whole ? end : room;
    pending.append(text.substr(0, count));
    add_pending(from, !whole);
    text.remove_prefix(count + (whole ? 1 : 0));
  }
  flush();
}

bool log_file::has_unended() const {
  return !pending_[0].empty() || !pending_[1].empty();
}

void log_file::show_unended() {
  for (const auto from : {log_stream::out, log_stream::error})
    if (!pending_[from == log_stream::out ? 0 : 1].empty())
      add_pending(from, true);
  flush();
}

void log_file::finish() {
  for (const auto from : {log_stream::out, log_stream::error}) {
    const auto at = from == log_stream::out ? 0 : 1;
    if (!pending_[at].empty() || open_[at])
      add_pending(from, false);
  }
  flush();
}

} // namespace tidegate
