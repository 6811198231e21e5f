#include "runtime/commands/output.hpp"

#include "messages/shown_text.hpp"

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <utility>

namespace tidegate {

namespace {

/// A line of a module's log has 16 KiB; a longer one comes in pieces.
constexpr std::size_t longest_line = 64UL << 10;

} // namespace

void print_json(const boost::json::value& what) {
  std::puts(shown_json(boost::json::serialize(what)).c_str());
}

line_output::~line_output() {
  if (!lines_.rest().empty())
    print(lines_.rest());
}

void line_output::take(std::string_view piece) {
  if (raw_) {
    std::fwrite(piece.data(), 1, piece.size(), stdout);
    std::fflush(stdout);
    return;
  }
  lines_.take(piece, [this](std::string_view line) {
    print(line);
    return true;
  });
  if (lines_.rest().size() > longest_line)
    print(lines_.take_rest());
  std::fflush(stdout);
}

void line_output::print(std::string_view line) const {
  // A module on another system may end its lines with both.
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  std::puts(shown_text(line, longest_line).c_str());
}

} // namespace tidegate
