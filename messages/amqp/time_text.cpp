#include "messages/amqp/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace tidegate::amqp {

namespace {

using namespace std::chrono;
using instant = sys_time<milliseconds>;

constexpr instant earliest = sys_days{year{1} / 1 / 1};
constexpr instant latest
  = instant{sys_days{year{10000} / 1 / 1}} - milliseconds{1};

/// Reads digits and marks from the front of a text.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_{text} {}

  bool at_end() const { return rest_.empty(); }

  /// Exactly `digits` digits.
  bool number(std::size_t digits, int& out) {
    if (rest_.size() < digits)
      return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i)
      if (!digit(out))
        return false;
    return true;
  }

  bool mark(char expected) {
    if (rest_.empty() || rest_.front() != expected)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// At least one digit of a fraction of a second.
  bool fraction(int& milliseconds) {
    milliseconds = 0;
    int seen = 0;
    for (int ignored = 0; !rest_.empty(); ++seen)
      if (!digit(seen < 3 ? milliseconds : ignored = 0))
        break;
    for (int i = seen; i < 3; ++i)
      milliseconds *= 10;
    return seen > 0;
  }

private:
  bool digit(int& into) {
    const char c = rest_.front();
    if (c < '0' || c > '9')
      return false;
    into = into * 10 + (c - '0');
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

bool read_offset(scanner& in, minutes& out) {
  out = minutes{0};
  if (in.at_end() || in.mark('Z'))
    return in.at_end();
  const bool behind = in.mark('-');
  int h = 0;
  int m = 0;
  if ((!behind && !in.mark('+')) || !in.number(2, h) || !in.mark(':')
      || !in.number(2, m) || h > 14 || m > 59 || !in.at_end())
    return false;
  out = hours{h} + minutes{m};
  if (behind)
    out = -out;
  return true;
}

} // namespace

std::string time_text(std::int64_t milliseconds_since_1970) {
  const auto at = std::clamp(instant{milliseconds{milliseconds_since_1970}},
                             earliest, latest);
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  char text[64];
  const auto size = std::snprintf(
    text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03d0000Z",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
    static_cast<int>(time.minutes().count()),
    static_cast<int>(time.seconds().count()),
    static_cast<int>(time.subseconds().count()));
  return {text, static_cast<std::size_t>(size)};
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  scanner in{text};
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0;
  minutes offset{0};
  if (!in.number(4, y) || !in.mark('-') || !in.number(2, mo) || !in.mark('-')
      || !in.number(2, d) || !in.mark('T') || !in.number(2, h) || !in.mark(':')
      || !in.number(2, mi) || !in.mark(':') || !in.number(2, s))
    return std::nullopt;
  if (in.mark('.') && !in.fraction(ms))
    return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (!read_offset(in, offset) || y < 1 || !date.ok() || h > 23 || mi > 59
      || s > 59)
    return std::nullopt;
  const instant at = sys_days{date} + hours{h} + minutes{mi} + seconds{s}
                     + milliseconds{ms} - offset;
  return at.time_since_epoch().count();
}

} // namespace tidegate::amqp
