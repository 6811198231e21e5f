#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace tidegate {

/// Prints a document on one line, as JSON that no terminal acts on.
void print_json(const boost::json::value& what);

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
  std::string rest_; ///< of a line that has not ended
};

} // namespace tidegate
