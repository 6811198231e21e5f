#include "messages/routing/date_text.hpp"

#include <array>
#include <cstddef>

namespace tidegate::routing {

namespace {

constexpr std::size_t shortest = 19; // 2026-01-02T03:04:05
constexpr std::size_t longest = 40;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes `count` digits off `text`; -1 when there are fewer.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count)
    return -1;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (!is_digit(c))
      return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted))
    return false;
  text.remove_prefix(1);
  return true;
}

bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in(int year, int month) {
  constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12)
    return 0;
  const auto usual = days[static_cast<std::size_t>(month - 1)];
  return month == 2 && is_leap(year) ? usual + 1 : usual;
}

bool take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (year < 1 || !take(text, '-'))
    return false;
  const auto month = take_digits(text, 2);
  if (!take(text, '-'))
    return false;
  const auto day = take_digits(text, 2);
  return day >= 1 && day <= days_in(year, month);
}

bool take_time(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (hour < 0 || !take(text, ':'))
    return false;
  const auto minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':'))
    return false;
  const auto second = take_digits(text, 2);
  if (second < 0 || second > 59)
    return false;
  return hour < 24 || (hour == 24 && minute == 0 && second == 0);
}

bool take_fraction(std::string_view& text) {
  if (!take(text, '.'))
    return true;
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits]))
    ++digits;
  text.remove_prefix(digits);
  return digits > 0;
}

bool is_zone(std::string_view text) {
  if (text.empty() || text == "Z")
    return true;
  if (!take(text, '+') && !take(text, '-'))
    return false;
  const auto hours = take_digits(text, 2);
  if (hours < 0 || hours > 99)
    return false;
  if (text.empty())
    return true;
  take(text, ':');
  const auto minutes = take_digits(text, 2);
  return minutes >= 0 && minutes <= 59 && text.empty();
}

} // namespace

bool is_date_time(std::string_view text) {
  if (text.size() < shortest || text.size() > longest || text[10] != 'T')
    return false;
  return take_date(text) && take(text, 'T') && take_time(text)
         && take_fraction(text) && is_zone(text);
}

} // namespace tidegate::routing
