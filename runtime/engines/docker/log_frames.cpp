#include "runtime/engines/docker/log_frames.hpp"

#include "runtime/engines/docker/engine_time.hpp"

namespace tidegate::docker {

namespace {

constexpr std::size_t head_size = 8;
/// What a frame is from.
constexpr unsigned char from_stderr = 2;
constexpr unsigned char from_the_engine = 3;

std::size_t length_in(std::string_view head) {
  std::size_t length = 0;
  for (const auto byte : head.substr(4, 4))
    length = length << 8 | static_cast<unsigned char>(byte);
  return length;
}

log_line make_line(std::string_view text, bool error) {
  log_line line;
  line.error = error;
  line.partial = !text.ends_with('\n');
  if (!line.partial)
    text.remove_suffix(1);
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  const auto space = text.find(' ');
  if (const auto time = parse_engine_time(text.substr(0, space))) {
    line.time = *time;
    text.remove_prefix(std::min(space, text.size() - 1) + 1);
  }
  line.text = text;
  return line;
}

} // namespace

bool log_frames::feed(std::string_view piece, std::vector<log_line>& into) {
  if (!problem_.empty())
    return false;
  text_ += piece;
  if (framed_)
    return take_frames(into);
  take_lines(into);
  return true;
}

bool log_frames::take_frames(std::vector<log_line>& into) {
  std::string_view rest = text_;
  while (rest.size() >= head_size) {
    const auto from = static_cast<unsigned char>(rest.front());
    const auto length = length_in(rest);
    if (from > from_the_engine || length > longest) {
      problem_ = "the engine's answer is not a log";
      return false;
    }
    if (rest.size() - head_size < length)
      break;
    const auto text = rest.substr(head_size, length);
    rest.remove_prefix(head_size + length);
    if (from == from_the_engine) {
      problem_ = "the engine says: " + std::string{text};
      return false;
    }
    if (!text.empty())
      into.push_back(make_line(text, from == from_stderr));
  }
  text_.erase(0, text_.size() - rest.size());
  return true;
}

void log_frames::take_lines(std::vector<log_line>& into) {
  std::string_view rest = text_;
  for (auto end = rest.find('\n'); end != std::string_view::npos;
       end = rest.find('\n')) {
    into.push_back(make_line(rest.substr(0, end + 1), false));
    rest.remove_prefix(end + 1);
  }
  text_.erase(0, text_.size() - rest.size());
  if (text_.size() > longest)
    finish(into);
}

void log_frames::finish(std::vector<log_line>& into) {
  if (!framed_ && !text_.empty())
    into.push_back(make_line(text_, false));
  text_.clear();
}

} // namespace tidegate::docker
