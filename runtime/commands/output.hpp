#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace tidegate {

/// Prints a document on one line, as JSON that no terminal acts on.
void print_json(const boost::json::value& what);

/// Cuts a stream of pieces of any size into lines.
class line_cutter {
public:
  /// Passes on each line that has ended; false as soon as `line` says, with
  /// false, that no more are wanted.
  template <class Line>
  bool take(std::string_view piece, Line line) {
    rest_ += piece;
    std::size_t from = 0;
    for (auto end = rest_.find('\n'); end != std::string::npos;
         end = rest_.find('\n', from)) {
      if (!line(std::string_view{rest_}.substr(from, end - from)))
        return false;
      from = end + 1;
    }
    rest_.erase(0, from);
    return true;
  }

  /// Of a line that has not ended.
  const std::string& rest() const { return rest_; }
  std::string take_rest() { return std::exchange(rest_, {}); }

private:
  std::string rest_;
};

/// Prints lines as they come, in pieces of any size, each shown as
/// `shown_text` says, or, `raw`, as they are.
class line_output {
public:
  explicit line_output(bool raw) : raw_{raw} {}
  ~line_output();
  line_output(const line_output&) = delete;
  line_output& operator=(const line_output&) = delete;

  void take(std::string_view piece);

private:
  void print(std::string_view line) const;

  bool raw_;
  line_cutter lines_;
};

} // namespace tidegate
