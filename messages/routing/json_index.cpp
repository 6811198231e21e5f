#include "messages/routing/json_index.hpp"

#include "messages/routing/limits.hpp"
#include "messages/routing/unicode_escape.hpp"

#include <array>
#include <limits>

namespace tidegate::routing {

namespace {

using kind = json_entry::kind;

/// Memory that is kept between documents.
constexpr std::size_t most_entries_kept = 4096;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class json_reader {
public:
  json_reader(std::string_view text, std::vector<json_entry>& entries)
    : text_{text}, entries_{entries} {}

  bool run() {
    do {
      if (!value())
        return false;
    } while (after_value());
    return depth_ == 0 && !failed_ && at_end();
  }

private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool at_end() const { return at_ == text_.size(); }

  void skip_blanks() {
    while (at_ < text_.size()
           && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r'
               || text_[at_] == '\t'))
      ++at_;
  }

  bool take(char wanted) {
    skip_blanks();
    if (at_end() || text_[at_] != wanted)
      return false;
    ++at_;
    return true;
  }

  void add(kind is, std::size_t begin, std::size_t end, bool escaped = false) {
    const auto index = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({is, escaped, static_cast<std::uint32_t>(begin),
                        static_cast<std::uint32_t>(end), index + 1});
  }

  /// Reads a value up to where it ends or its first child value begins.
  bool value() {
    for (;;) {
      skip_blanks();
      switch (peek()) {
      case '{':
        if (!open(kind::object))
          return false;
        if (take('}'))
          return close();
        if (!name())
          return false;
        continue;
      case '[':
        if (!open(kind::array))
          return false;
        if (take(']'))
          return close();
        continue;
      case '"':
        return string();
      case 't':
        return word("true", kind::true_value);
      case 'f':
        return word("false", kind::false_value);
      case 'n':
        return word("null", kind::null_value);
      default:
        return number();
      }
    }
  }

  /// Behind a value: closes what ends here. True when another value follows.
  bool after_value() {
    while (depth_ > 0) {
      const bool in_object = entries_[open_[depth_ - 1]].is == kind::object;
      if (take(',')) {
        if (!in_object || name())
          return true;
        failed_ = true;
        return false;
      }
      if (!take(in_object ? '}' : ']'))
        return false;
      close();
    }
    skip_blanks();
    return false;
  }

  bool open(kind is) {
    if (depth_ == max_body_depth)
      return false;
    open_[depth_++] = static_cast<std::uint32_t>(entries_.size());
    add(is, at_, at_);
    ++at_;
    return true;
  }

  bool close() {
    auto& entry = entries_[open_[--depth_]];
    entry.end = static_cast<std::uint32_t>(at_);
    entry.next = static_cast<std::uint32_t>(entries_.size());
    return true;
  }

  bool name() {
    skip_blanks();
    return peek() == '"' && string() && take(':');
  }

  bool string() {
    const auto begin = ++at_;
    bool escaped = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        add(kind::string, begin, at_, escaped);
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20)
        return false;
      if (c != '\\')
        continue;
      escaped = true;
      if (!escape())
        return false;
    }
    return false;
  }

  /// Moves to the last byte of the escape that starts here.
  bool escape() {
    const auto rest = text_.substr(at_);
    if (rest.size() < 2)
      return false;
    if (std::string_view{"\"\\/bfnrt"}.find(rest[1])
        != std::string_view::npos) {
      at_ += 1;
      return true;
    }
    at_ += 5;
    return is_unicode_escape(rest);
  }

  bool word(std::string_view wanted, kind is) {
    if (!text_.substr(at_).starts_with(wanted))
      return false;
    add(is, at_, at_ + wanted.size());
    at_ += wanted.size();
    return true;
  }

  bool digits() {
    const auto begin = at_;
    while (is_digit(peek()))
      ++at_;
    return at_ > begin;
  }

  bool number() {
    const auto begin = at_;
    if (peek() == '-')
      ++at_;
    if (peek() == '0')
      ++at_;
    else if (!digits())
      return false;
    if (peek() == '.') {
      ++at_;
      if (!digits())
        return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-')
        ++at_;
      if (!digits())
        return false;
    }
    add(kind::number, begin, at_);
    return true;
  }

  std::string_view text_;
  std::vector<json_entry>& entries_;
  std::size_t at_ = 0;
  std::array<std::uint32_t, max_body_depth> open_{};
  std::size_t depth_ = 0;
  bool failed_ = false;
};

} // namespace

bool json_index::read(std::string_view text) {
  entries_.clear();
  if (entries_.capacity() > most_entries_kept)
    entries_.shrink_to_fit();
  if (text.size() <= std::numeric_limits<std::uint32_t>::max()
      && json_reader{text, entries_}.run())
    return true;
  entries_.clear();
  return false;
}

} // namespace tidegate::routing
