#include "runtime/engines/log_reader.hpp"

#include "runtime/engines/log_record.hpp"
#include "runtime/engines/unique_fd.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <sys/stat.h>

namespace tidegate {

namespace {

using std::filesystem::path;
constexpr std::chrono::milliseconds look_again{200};
constexpr std::size_t batch_size = 1000;

/// One part of a log, open.
class open_file {
public:
  explicit open_file(const path& file)
    : fd_{::open(file.c_str(), O_RDONLY | O_CLOEXEC)} {}

  bool is_open() const { return static_cast<bool>(fd_); }

  /// Appends the next bytes; false at the end of the file, for now.
  bool read_into(std::string& text) {
    std::array<char, 65'536> part;
    const auto count = ::read(fd_.get(), part.data(), part.size());
    if (count <= 0)
      return false;
    text.append(part.data(), static_cast<std::size_t>(count));
    return true;
  }

  /// True when `file` is now another file than this one.
  bool replaced_at(const path& file) const {
    struct stat mine {
    }, there{};
    return ::fstat(fd_.get(), &mine) == 0 && ::stat(file.c_str(), &there) == 0
           && mine.st_ino != there.st_ino;
  }

private:
  unique_fd fd_;
};

/// The parts of a log that exist, the oldest first.
std::vector<path> parts_of(const path& file) {
  std::vector<path> parts{file};
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
    for (const auto& part : parts_of(path_))
      if (open_file file{part}; file.is_open())
        files_.push_back(std::move(file));
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
    if (!files_.empty() && files_.front().replaced_at(path_)) {
      // Lines may have come before the rotation and after the last look.
      while (files_.front().read_into(text_))
        split();
      files_.emplace_back(path_);
      files_.pop_front();
    } else if (files_.empty()) {
      if (open_file file{path_}; file.is_open())
        files_.push_back(std::move(file));
    }
    timer_.expires_after(look_again);
    timer_.async_wait([self = shared_from_this()](const auto& stopped) {
      if (!stopped)
        self->step();
    });
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
    kept_.push_back(std::move(line));
    if (kept_.size() > *query_.tail)
      kept_.pop_front();
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
  std::deque<log_line> kept_; // the last lines so far
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
