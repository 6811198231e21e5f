#pragma once

#include "messages/deployment/log_request.hpp"

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace tidegate::deployment {

/// `2026-01-02T03:04:05.123456`, in UTC, of microseconds since 1970.
std::string log_time(std::int64_t microseconds);

/// What a line of a module's log says (edge-agent spec 7).
struct parsed_line {
  int level = 6;
  std::string timestamp; ///< as it is written; empty when there is none
  std::string text;
};

/// Reads `[RFC 3339 with 9 digits] <level> yyyy-MM-dd HH:mm:ss.fff +zz:zz
/// text`, in which all but the text may be missing. A line without a text is
/// its own.
parsed_line parse_log_line(std::string_view line);

/// A line as the engine has it.
struct module_line {
  std::int64_t time = 0; ///< microseconds since 1970
  bool error = false;    ///< written to stderr
  std::string text;
};

/// Where a line comes from, for its JSON form.
struct log_origin {
  std::string hub, device, module;
};

/// Decides by a filter which lines of a log are wanted; time and the first
/// tail are up to who reads the log.
class line_filter {
public:
  explicit line_filter(log_filter by);
  ~line_filter();

  bool wants(const parsed_line& line) const;

  /// The wanted ones of `lines`, in their order.
  std::vector<module_line> select(std::vector<module_line> lines) const;

private:
  log_filter by_;
  std::shared_ptr<const re2::RE2> expression_; ///< null: any
};

/// The lines as one text: as they were written, or an array of JSON objects
/// `{"iothub","device","id","stream","loglevel","text","timestamp"}`.
std::string log_text(const std::vector<module_line>& lines, log_content as,
                     const log_origin& from);

/// `text` with U+FFFD in the place of what is no UTF-8: JSON can hold it.
std::string readable_text(std::string_view text);

/// The filter for the module called `name`: that of the first item that fits.
std::optional<log_filter> filter_for(const std::string& name,
                                     const std::vector<log_item>& items);

} // namespace tidegate::deployment
