#include "runtime/engines/log_record.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace tidegate {

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::size_t time_length = 27; // 2026-01-02T03:04:05.678901Z

/// The digits from `at` on, which are known to be digits.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count))
    value = value * 10 + (c - '0');
  return value;
}

/// True when each `0` of `shape` is a digit of `text`, and the rest is equal.
bool has_shape(std::string_view text, std::string_view shape) {
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
      return false;
  return true;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  using namespace std::chrono;
  if (!has_shape(text, "0000-00-00T00:00:00.000000Z"))
    return std::nullopt;
  const year_month_day date{year{digits(text, 0, 4)},
                            month{static_cast<unsigned>(digits(text, 5, 2))},
                            day{static_cast<unsigned>(digits(text, 8, 2))}};
  if (!date.ok())
    return std::nullopt;
  const auto time = sys_days{date}.time_since_epoch()
                    + hours{digits(text, 11, 2)} + minutes{digits(text, 14, 2)}
                    + seconds{digits(text, 17, 2)}
                    + microseconds{digits(text, 20, 6)};
  return duration_cast<microseconds>(time).count();
}

} // namespace

void append_record(std::string& into, std::int64_t time, bool error,
                   bool partial, std::string_view text) {
  const std::time_t whole = time / second;
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  std::array<char, 40> stamp{};
  into.append(stamp.data(),
              std::strftime(stamp.data(), stamp.size(), "%FT%T", &parts));
  std::snprintf(stamp.data(), stamp.size(), ".%06dZ",
                static_cast<int>(time % second));
  into += stamp.data();
  into += error ? " stderr " : " stdout ";
  into += partial ? "P " : "F ";
  into.append(text) += '\n';
}

std::optional<log_line> parse_record(std::string_view record) {
  constexpr std::string_view out = " stdout ", error = " stderr ";
  constexpr auto text_at = time_length + out.size() + 2;
  if (record.size() < text_at)
    return std::nullopt;
  const auto time = parse_time(record);
  const auto stream = record.substr(time_length, out.size());
  const auto tag = record.substr(time_length + out.size(), 2);
  if (!time || (stream != out && stream != error)
      || (tag != "F " && tag != "P "))
    return std::nullopt;
  return log_line{*time, stream == error, tag.front() == 'P',
                  std::string{record.substr(text_at)}};
}

} // namespace tidegate
