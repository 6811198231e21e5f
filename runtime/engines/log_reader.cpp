#include "runtime/engines/log_reader.hpp"

#include "runtime/engines/log_parts.hpp"
#include "runtime/engines/log_record.hpp"
#include "runtime/engines/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <sys/stat.h>

namespace tidegate {

namespace {

using std::filesystem::path;
constexpr std::chrono::milliseconds look_again{200};
constexpr std::size_t batch_size = 1000;

/// One part of a log, open.
class open_file {
public:
  explicit open_file(const path& file, std::uint64_t number = 0)
    : fd_{::open(file.c_str(), O_RDONLY | O_CLOEXEC)}, number_{number} {
    struct stat facts {};
    if (fd_ && ::fstat(fd_.get(), &facts) == 0)
      inode_ = facts.st_ino;
  }

  bool is_open() const { return static_cast<bool>(fd_); }
  std::uint64_t inode() const { return inode_; }
  /// As in `log_part`; 0 when it is not known yet.
  std::uint64_t number() const { return number_; }
  void set_number(std::uint64_t number) { number_ = number; }

  /// Appends the next bytes; false at the end of the file, for now.
  bool read_into(std::string& text) {
    std::array<char, 65'536> part;
    const auto count = ::read(fd_.get(), part.data(), part.size());
    if (count <= 0)
      return false;
    text.append(part.data(), static_cast<std::size_t>(count));
    return true;
  }

private:
  unique_fd fd_;
  std::uint64_t inode_ = 0;
  std::uint64_t number_ = 0;
};

/// Which of `parts` is that file, or nothing.
const log_part* find_part(const std::vector<log_part>& parts,
                          std::uint64_t inode) {
  const auto found
    = std::find_if(parts.begin(), parts.end(),
                   [inode](const auto& one) { return one.inode == inode; });
  return found == parts.end() ? nullptr : &*found;
}

/// The older parts of a log by their plain names, the oldest first.
std::vector<path> older_parts(const path& file) {
  std::vector<path> parts;
  for (int number = 1;; ++number) {
    auto part = file;
    part += '.' + std::to_string(number);
    std::error_code ignored;
    if (!std::filesystem::exists(part, ignored))
      break;
    parts.insert(parts.begin(), part);
  }
  return parts;
}

/// One reading, alive while something is still to come.
class reading : public std::enable_shared_from_this<reading> {
public:
  reading(boost::asio::io_context& context, path file, log_query query,
          std::shared_ptr<log_sink> sink)
    : context_{context}, timer_{context}, path_{std::move(file)}, query_{query},
      sink_{std::move(sink)} {}

  /// Opens every part at once: a rotation cannot take one away any more.
  void begin() {
    if (query_.follow)
      follower_.emplace(path_);
    // The newest first: what is rotated meanwhile has a number.
    open_file newest{path_};
    const auto numbered = numbered_parts(path_);
    for (const auto& part : older_parts(path_))
      if (open_file file{part}; file.is_open() && file.inode() != newest.inode()
                                && !find_part(numbered, file.inode()))
        files_.push_back(std::move(file));
    open_after(0, numbered, std::move(newest));
    step();
  }

private:
  void step() {
    if (!files_.empty() && files_.front().read_into(text_)) {
      split();
      if (!flush())
        return;
      return later([](reading& self) { self.step(); });
    }
    if (files_.size() > 1) {
      files_.pop_front();
      tell_missing();
      return later([](reading& self) { self.step(); });
    }
    at_end();
  }

  /// Everything that is there has been read.
  void at_end() {
    if (tail_phase_) {
      tail_phase_ = false;
      batch_.assign(std::make_move_iterator(kept_.begin()),
                    std::make_move_iterator(kept_.end()));
      kept_.clear();
    }
    if (!flush(true))
      return;
    if (!query_.follow || past_end_)
      return sink_->end({});
    if (find_more())
      return later([](reading& self) { self.step(); });
    timer_.expires_after(look_again);
    timer_.async_wait([self = shared_from_this()](const auto& stopped) {
      if (!stopped)
        self->step();
    });
  }

  /// Opens the parts behind `number`, and the newest.
  void open_after(std::uint64_t number, const std::vector<log_part>& numbered,
                  open_file newest) {
    for (const auto& part : numbered) {
      if (part.number <= number)
        continue;
      open_file file{part.file, part.number};
      if (number != 0 && (!file.is_open() || part.number != number + 1))
        missing_ = true;
      number = part.number;
      if (file.is_open())
        files_.push_back(std::move(file));
    }
    if (newest.is_open() && !find_part(numbered, newest.inode()))
      files_.push_back(std::move(newest));
  }

  /// The part that was read is complete, and others have followed: opens them.
  /// True if there are any.
  bool find_more() {
    open_file newest{path_};
    if (files_.empty()) {
      if (newest.is_open())
        files_.push_back(std::move(newest));
      return !files_.empty();
    }
    auto& mine = files_.front();
    if (!newest.is_open() || newest.inode() == mine.inode())
      return false;
    const auto numbered = numbered_parts(path_);
    if (mine.number() == 0)
      if (const auto* part = find_part(numbered, mine.inode()))
        mine.set_number(part->number);
    // One that has a number no more is older than all that have.
    missing_ = mine.number() == 0 && !numbered.empty();
    open_after(mine.number(), numbered, std::move(newest));
    return files_.size() > 1;
  }

  /// Says once that lines are not there any more.
  void tell_missing() {
    if (!std::exchange(missing_, false))
      return;
    using namespace std::chrono;
    log_line line;
    line.time
      = duration_cast<microseconds>(system_clock::now().time_since_epoch())
          .count();
    line.error = true;
    line.text = "[lines are missing: the log was rotated away before they "
                "could be read]";
    keep(std::move(line));
  }

  template <class Next>
  void later(Next next) {
    boost::asio::post(context_,
                      [self = shared_from_this(), next] { next(*self); });
  }

  /// Turns whole records of `text_` into lines.
  void split() {
    std::size_t from = 0;
    for (auto end = text_.find('\n'); end != std::string::npos;
         from = end + 1, end = text_.find('\n', from))
      if (auto line
          = parse_record(std::string_view{text_}.substr(from, end - from)))
        keep(std::move(*line));
    text_.erase(0, from);
  }

  void keep(log_line line) {
    const auto milliseconds = line.time / 1000;
    if (query_.since && milliseconds < *query_.since)
      return;
    if (query_.until && milliseconds >= *query_.until) {
      past_end_ = true;
      return;
    }
    if (!tail_phase_)
      return batch_.push_back(std::move(line));
    const bool begins
      = !std::exchange(continues_[line.error ? 1 : 0], line.partial);
    kept_lines_ += begins ? 1 : 0;
    begins_.push_back(begins);
    kept_.push_back(std::move(line));
    while (kept_lines_ > *query_.tail
           || (!begins_.empty() && !begins_.front())) {
      kept_lines_ -= begins_.front() ? 1 : 0;
      begins_.pop_front();
      kept_.pop_front();
    }
  }

  /// False when the reader wants no more.
  bool flush(bool all = false) {
    if (batch_.empty() || (!all && batch_.size() < batch_size))
      return true;
    return sink_->lines(std::exchange(batch_, {}));
  }

  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  path path_;
  log_query query_;
  std::shared_ptr<log_sink> sink_;
  std::deque<open_file> files_; // the oldest first
  std::string text_;            // read, and not yet a whole record
  std::vector<log_line> batch_;
  bool tail_phase_ = query_.tail.has_value();
  std::deque<log_line> kept_; // the last lines so far, in pieces
  std::deque<bool> begins_;   // whether each piece begins a line
  std::size_t kept_lines_ = 0;
  std::array<bool, 2> continues_{}; // the last piece was none, by stream
  std::optional<log_follower> follower_;
  bool missing_ = false; // parts are, between the first file and the next
  bool past_end_ = false;
};

} // namespace

void read_log(boost::asio::io_context& context, const path& file,
              log_query query, std::shared_ptr<log_sink> sink) {
  boost::asio::post(
    context, [it = std::make_shared<reading>(
                context, file, query, std::move(sink))] { it->begin(); });
}

} // namespace tidegate
